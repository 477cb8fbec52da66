//! CreateGroup, GetGroup, GetGroups, UpdateGroup, DeleteGroup.

use aws_wire::ApiError;
use serde::{Deserialize, Serialize};

use super::{
    empty::{Done, Nothing},
    error,
    tags::{Tag, as_map},
};
use crate::{
    filter,
    groups::{Group, GroupRef, InsightsConfiguration},
    store::Store,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateGroup {
    group_name: String,
    filter_expression: Option<String>,
    insights_configuration: Option<InsightsConfiguration>,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateGroup {
    #[serde(flatten)]
    group: GroupRef,
    filter_expression: Option<String>,
    insights_configuration: Option<InsightsConfiguration>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OneGroup {
    group: Group,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ManyGroups {
    groups: Vec<Group>,
}

/// A filter must be one that AWS takes; whether the service can answer it shows when it is asked.
fn check(filter: Option<&str>) -> Result<(), ApiError> {
    if let Some(text) = filter.filter(|text| !text.trim().is_empty()) {
        filter::parse(text).map_err(error::filter)?;
    }
    Ok(())
}

pub(super) fn create(store: &Store, request: CreateGroup) -> Result<OneGroup, ApiError> {
    check(request.filter_expression.as_deref())?;
    let tags = as_map(request.tags)?;
    let config = store.config();
    let prefix = format!("arn:aws:xray:{}:{}", config.region, config.account_id);
    let group = store
        .groups()
        .create(&request.group_name, request.filter_expression, request.insights_configuration, &prefix)
        .map_err(error::invalid)?
        .clone();
    store.tags().created(&group.group_arn, tags);
    Ok(OneGroup { group })
}

pub(super) fn get(store: &Store, wanted: GroupRef) -> Result<OneGroup, ApiError> {
    let group = store.groups().get(&wanted).map_err(error::invalid)?.clone();
    Ok(OneGroup { group })
}

pub(super) fn list(store: &Store, _: Nothing) -> Result<ManyGroups, ApiError> {
    let groups = store.groups().list().to_vec();
    Ok(ManyGroups { groups })
}

pub(super) fn update(store: &Store, request: UpdateGroup) -> Result<OneGroup, ApiError> {
    check(request.filter_expression.as_deref())?;
    let group = store
        .groups()
        .update(&request.group, request.filter_expression, request.insights_configuration)
        .map_err(error::invalid)?
        .clone();
    Ok(OneGroup { group })
}

pub(super) fn delete(store: &Store, wanted: GroupRef) -> Result<Done, ApiError> {
    let group = store.groups().delete(&wanted).map_err(error::invalid)?;
    store.tags().deleted(&group.group_arn);
    Ok(Done {})
}
