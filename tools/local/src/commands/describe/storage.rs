use anyhow::{Context as _, Result};
use aws_sdk_dynamodb::types::PointInTimeRecoveryStatus;
use serde_json::{Value, json};

use super::{Resources, set};
use crate::clients::Clients;

pub(super) async fn describe(clients: &Clients, resources: &mut Resources) -> Result<()> {
    let mut tables = clients.dynamodb.list_tables().into_paginator().items().send();
    while let Some(name) = tables.next().await {
        let table = table(clients, &name?).await?;
        resources.entry("aws_dynamodb_table").or_default().push(table);
    }
    let mut groups = clients.logs.describe_log_groups().into_paginator().items().send();
    while let Some(group) = groups.next().await {
        let group = group?;
        resources.entry("aws_cloudwatch_log_group").or_default().push(set(json!({
            "name": group.log_group_name,
            "retention_in_days": group.retention_in_days,
            "kms_key_id": group.kms_key_id,
            "log_group_class": group.log_group_class.map(|class| class.as_str().to_owned()),
        })));
    }
    Ok(())
}

async fn table(clients: &Clients, name: &str) -> Result<Value> {
    let table = clients.dynamodb.describe_table().table_name(name).send().await?.table.context("no description")?;
    let recovery = clients.dynamodb.describe_continuous_backups().table_name(name).send().await?;
    let recovers = recovery
        .continuous_backups_description
        .and_then(|backups| backups.point_in_time_recovery_description)
        .is_some_and(|recovery| recovery.point_in_time_recovery_status == Some(PointInTimeRecoveryStatus::Enabled));
    let ttl = clients.dynamodb.describe_time_to_live().table_name(name).send().await?.time_to_live_description;
    let ttl = ttl.and_then(|ttl| ttl.attribute_name).map(|name| json!([{"attribute_name": name, "enabled": true}]));
    let attributes: Vec<_> = table
        .attribute_definitions()
        .iter()
        .map(|attribute| json!({"name": attribute.attribute_name, "type": attribute.attribute_type.as_str()}))
        .collect();
    Ok(set(json!({
        "name": name,
        "arn": table.table_arn,
        "billing_mode": table.billing_mode_summary.as_ref().and_then(|mode| mode.billing_mode()).map(|mode| mode.as_str()),
        "hash_key": table.key_schema().first().map(|key| key.attribute_name()),
        "range_key": table.key_schema().get(1).map(|key| key.attribute_name()),
        "attribute": attributes,
        "ttl": ttl,
        "deletion_protection_enabled": table.deletion_protection_enabled,
        "point_in_time_recovery": recovers.then(|| json!([{"enabled": true}])),
        "server_side_encryption": table.sse_description.map(|_| json!([{"enabled": true}])),
    })))
}
