//! TagResource, UntagResource, ListTagsForResource.

use std::collections::BTreeMap;

use aws_wire::ApiError;
use serde::{Deserialize, Serialize};

use super::{empty::Done, error};
use crate::{
    store::Store,
    tags::{MAX_TAGS, Tags},
};

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tag {
    key: String,
    value: String,
}

/// Tags as they came, judged.
pub(super) fn as_map(tags: Vec<Tag>) -> Result<BTreeMap<String, String>, ApiError> {
    if tags.len() > MAX_TAGS {
        return Err(error::invalid(format!("More than {MAX_TAGS} tags")));
    }
    tags.into_iter()
        .map(|Tag { key, value }| {
            if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 {
                let message = format!("Tag {key:?} has a key of 1 to 128, a value of 0 to 256 characters");
                return Err(error::invalid(message));
            }
            if key.starts_with("aws:") {
                return Err(error::invalid(format!("Tag {key:?}: aws: is reserved")));
            }
            Ok((key, value))
        })
        .collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TagResource {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UntagResource {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
    tag_keys: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Resource {
    #[serde(rename = "ResourceARN")]
    resource_arn: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ResourceTags {
    tags: Vec<Tag>,
}

pub(super) fn tag(store: &Store, request: TagResource) -> Result<Done, ApiError> {
    let new = as_map(request.tags)?;
    let mut tags = store.tags();
    let of = tags.of(&request.resource_arn).ok_or_else(|| error::no_resource(&request.resource_arn))?;
    Tags::add(of, new).map_err(|_| error::too_many_tags(&request.resource_arn))?;
    Ok(Done {})
}

pub(super) fn untag(store: &Store, request: UntagResource) -> Result<Done, ApiError> {
    let mut tags = store.tags();
    let of = tags.of(&request.resource_arn).ok_or_else(|| error::no_resource(&request.resource_arn))?;
    of.retain(|key, _| !request.tag_keys.contains(key));
    Ok(Done {})
}

pub(super) fn list(store: &Store, request: Resource) -> Result<ResourceTags, ApiError> {
    let mut tags = store.tags();
    let of = tags.of(&request.resource_arn).ok_or_else(|| error::no_resource(&request.resource_arn))?;
    let tags = of.iter().map(|(key, value)| Tag { key: key.clone(), value: value.clone() }).collect();
    Ok(ResourceTags { tags })
}
