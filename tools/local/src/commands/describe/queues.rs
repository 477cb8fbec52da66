use anyhow::Result;
use aws_sdk_sqs::types::QueueAttributeName as Attribute;
use serde_json::{Value, json};

use super::{Resources, set};
use crate::clients::Clients;

pub(super) async fn describe(clients: &Clients, resources: &mut Resources) -> Result<()> {
    let mut queues = clients.sqs.list_queues().into_paginator().items().send();
    while let Some(url) = queues.next().await {
        let url = url?;
        let attributes = clients
            .sqs
            .get_queue_attributes()
            .queue_url(&url)
            .attribute_names(Attribute::All)
            .send()
            .await?
            .attributes
            .unwrap_or_default();
        let text = |name: Attribute| attributes.get(&name).cloned();
        let number = |name: Attribute| text(name).and_then(|text| text.parse::<u64>().ok());
        resources.entry("aws_sqs_queue").or_default().push(set(json!({
            "name": url.rsplit('/').next(),
            "url": url,
            "id": url,
            "arn": text(Attribute::QueueArn),
            "visibility_timeout_seconds": number(Attribute::VisibilityTimeout),
            "message_retention_seconds": number(Attribute::MessageRetentionPeriod),
            "max_message_size": number(Attribute::MaximumMessageSize),
            "receive_wait_time_seconds": number(Attribute::ReceiveMessageWaitTimeSeconds),
            "delay_seconds": number(Attribute::DelaySeconds),
            "redrive_policy": text(Attribute::RedrivePolicy),
            "policy": text(Attribute::Policy),
            "sqs_managed_sse_enabled": text(Attribute::SqsManagedSseEnabled).map(|text| Value::from(text == "true")),
            "kms_master_key_id": text(Attribute::KmsMasterKeyId),
        })));
        if let Some(allow) = text(Attribute::RedriveAllowPolicy) {
            let allow = json!({"queue_url": url, "redrive_allow_policy": allow});
            resources.entry("aws_sqs_queue_redrive_allow_policy").or_default().push(allow);
        }
    }
    Ok(())
}
