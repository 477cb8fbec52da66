//! The queue, and the dead-letter queue that it redrives to.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use aws_sdk_sqs::{Client, types::QueueAttributeName as Attribute};
use serde_json::json;
use suite::{Names, Suite};

#[derive(Debug)]
pub(super) struct Queues {
    pub(super) queue_url: String,
    pub(super) dead_letter_url: String,
}

pub(super) async fn create(suite: &Suite, names: &Names, sqs: &Client) -> Result<Queues> {
    let (queue, dead) = (&suite.settings.queue, &suite.settings.dead_letter_queue);
    let dead_letter_url = create_queue(
        sqs,
        &names.dead_letter_queue(),
        HashMap::from([
            (Attribute::VisibilityTimeout, dead.visibility_timeout_s.to_string()),
            (Attribute::MessageRetentionPeriod, dead.retention_s.to_string()),
            // More than the queue's: a moved message gains the attributes that say why.
            (Attribute::MaximumMessageSize, dead.max_message_bytes.to_string()),
            (Attribute::SqsManagedSseEnabled, "true".to_owned()),
        ]),
    )
    .await?;
    let redrive = json!({
        "deadLetterTargetArn": names.arn("sqs", &names.dead_letter_queue()),
        "maxReceiveCount": queue.max_receive_count,
    });
    let queue_url = create_queue(
        sqs,
        &names.queue(),
        HashMap::from([
            (Attribute::VisibilityTimeout, queue.visibility_timeout_s.to_string()),
            (Attribute::MessageRetentionPeriod, queue.retention_s.to_string()),
            (Attribute::MaximumMessageSize, queue.max_message_bytes.to_string()),
            (Attribute::ReceiveMessageWaitTimeSeconds, queue.receive_wait_s.to_string()),
            (Attribute::RedrivePolicy, redrive.to_string()),
            (Attribute::SqsManagedSseEnabled, "true".to_owned()),
        ]),
    )
    .await?;
    let allow = json!({"redrivePermission": "byQueue", "sourceQueueArns": [names.arn("sqs", &names.queue())]});
    sqs.set_queue_attributes()
        .queue_url(&dead_letter_url)
        .attributes(Attribute::RedriveAllowPolicy, allow.to_string())
        .send()
        .await?;
    Ok(Queues { queue_url, dead_letter_url })
}

async fn create_queue(sqs: &Client, name: &str, attributes: HashMap<Attribute, String>) -> Result<String> {
    sqs.create_queue()
        .queue_name(name)
        .set_attributes(Some(attributes))
        .send()
        .await?
        .queue_url
        .context("a queue without a URL")
}
