//! The port to the two queues, and SQS behind it.

use std::collections::HashMap;

use aws_lambda_events::sqs::{SqsMessage, SqsMessageAttribute};
use aws_sdk_sqs::{Client, primitives::Blob, types::MessageAttributeValue};
use function_config::CallFailure;

/// The queue the records come from and the one they go to when no retry will help.
pub trait Queues {
    /// Copies a record to the dead-letter queue; the original is deleted by reporting it as done.
    fn move_to_dead_letters(
        &self,
        record: &SqsMessage,
        reason: &DeadLetter,
    ) -> impl Future<Output = Result<(), QueueError>> + Send;

    /// Shows a record again after that many seconds.
    fn show_again(&self, record: &SqsMessage, after_s: i32) -> impl Future<Output = Result<(), QueueError>> + Send;
}

/// Why a record is moved, as the attributes of its copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// `FailureStep`.
    pub step: &'static str,
    /// `FailureReason`.
    pub reason: String,
}

/// The queue did not take a call.
#[derive(Debug, thiserror::Error)]
#[error("SQS: {0}")]
pub struct QueueError(pub String);

/// Two SQS queues.
#[derive(Debug, Clone)]
pub struct SqsQueues {
    client: Client,
    url: String,
    dead_letter_url: String,
}

/// Of SQS: user attributes of one message.
const MAX_ATTRIBUTES: usize = 10;

impl SqsQueues {
    /// The queues of those URLs.
    pub fn new(client: Client, url: impl Into<String>, dead_letter_url: impl Into<String>) -> Self {
        Self { client, url: url.into(), dead_letter_url: dead_letter_url.into() }
    }
}

impl Queues for SqsQueues {
    async fn move_to_dead_letters(&self, record: &SqsMessage, why: &DeadLetter) -> Result<(), QueueError> {
        let mut attributes = HashMap::from([
            ("FailureReason".to_owned(), text(&why.reason)?),
            ("FailureStep".to_owned(), text(why.step)?),
        ]);
        for (name, attribute) in &record.message_attributes {
            if attributes.len() == MAX_ATTRIBUTES {
                tracing::warn!(messageId = record.message_id, "the copy has no room for all attributes of the message");
                break;
            }
            if let Some(attribute) = copy(attribute) {
                attributes.entry(name.clone()).or_insert(attribute);
            }
        }
        self.client
            .send_message()
            .queue_url(&self.dead_letter_url)
            .message_body(record.body.as_deref().unwrap_or_default())
            .set_message_attributes(Some(attributes))
            .send()
            .await
            .map(drop)
            .map_err(|error| QueueError(CallFailure::of(&error).to_string()))
    }

    async fn show_again(&self, record: &SqsMessage, after_s: i32) -> Result<(), QueueError> {
        self.client
            .change_message_visibility()
            .queue_url(&self.url)
            .set_receipt_handle(record.receipt_handle.clone())
            .visibility_timeout(after_s)
            .send()
            .await
            .map(drop)
            .map_err(|error| QueueError(CallFailure::of(&error).to_string()))
    }
}

fn text(value: &str) -> Result<MessageAttributeValue, QueueError> {
    MessageAttributeValue::builder()
        .data_type("String")
        .string_value(value)
        .build()
        .map_err(|error| QueueError(error.to_string()))
}

/// An attribute as Lambda shows it, as SQS takes it; `None` for one without a type, which SQS would refuse.
fn copy(attribute: &SqsMessageAttribute) -> Option<MessageAttributeValue> {
    MessageAttributeValue::builder()
        .data_type(attribute.data_type.as_deref()?)
        .set_string_value(attribute.string_value.clone())
        .set_binary_value(attribute.binary_value.as_ref().map(|value| Blob::new(value.0.clone())))
        .build()
        .ok()
}
