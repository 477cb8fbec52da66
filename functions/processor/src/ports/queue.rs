//! The port to the two queues, and SQS behind it.

use std::{collections::HashMap, sync::Arc};

use aws_lambda_events::sqs::{SqsMessage, SqsMessageAttribute};
use aws_sdk_sqs::{
    Client, operation::send_message::builders::SendMessageFluentBuilder, primitives::Blob, types::MessageAttributeValue,
};
use dead_letter::{REASON, STEP};
use function_config::{CallFailure, TellStep, carry_trace, text_attribute};
use telemetry::{AwsCall, Code, ErrorClass, ErrorKind, propagate};

use crate::failure::Failure;

/// The queue the records come from and the one they go to when no retry will help.
pub trait Queues {
    /// The call that `move_to_dead_letters` makes, for the trace.
    fn dead_letter_call(&self) -> AwsCall;

    /// The call that `show_again` makes, for the trace.
    fn retry_call(&self) -> AwsCall;

    /// Copies a record to the dead-letter queue; the original is deleted by reporting it as done.
    fn move_to_dead_letters(
        &self,
        record: &SqsMessage,
        why: &Failure,
    ) -> impl Future<Output = Result<(), QueueError>> + Send;

    /// Shows a record again after that many seconds.
    fn show_again(&self, record: &SqsMessage, after_s: u64) -> impl Future<Output = Result<(), QueueError>> + Send;
}

/// The queue did not take a call.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("SQS: {0}")]
pub struct QueueError(pub CallFailure);

impl ErrorClass for QueueError {
    fn class(&self) -> &'static str {
        self.0.class()
    }

    fn kind(&self) -> ErrorKind {
        ErrorClass::kind(&self.0)
    }

    fn cause(&self) -> &'static str {
        self.0.cause()
    }

    fn code(&self) -> Option<Code> {
        self.0.code
    }
}

/// Two SQS queues.
#[derive(Debug, Clone)]
pub struct SqsQueues {
    client: Client,
    url: Arc<str>,
    dead_letter_url: Arc<str>,
}

impl SqsQueues {
    /// The queues of those URLs.
    pub fn new(sdk: &aws_config::SdkConfig, url: &str, dead_letter_url: &str) -> Self {
        let config = aws_sdk_sqs::config::Builder::from(sdk).interceptor(TellStep).build();
        Self { client: Client::from_conf(config), url: url.into(), dead_letter_url: dead_letter_url.into() }
    }
}

impl Queues for SqsQueues {
    fn dead_letter_call(&self) -> AwsCall {
        AwsCall::sqs("SendMessage", &self.dead_letter_url)
    }

    fn retry_call(&self) -> AwsCall {
        AwsCall::sqs("ChangeMessageVisibility", &self.url)
    }

    async fn move_to_dead_letters(&self, record: &SqsMessage, why: &Failure) -> Result<(), QueueError> {
        let message = self
            .client
            .send_message()
            .queue_url(&*self.dead_letter_url)
            .message_body(record.body.as_deref().unwrap_or_default());
        let message = attributes(message, record, why).map_err(QueueError)?;
        // On the heap, as the table's.
        Box::pin(message.send()).await.map(drop).map_err(|error| QueueError(CallFailure::of(&error)))
    }

    async fn show_again(&self, record: &SqsMessage, after_s: u64) -> Result<(), QueueError> {
        let call = self
            .client
            .change_message_visibility()
            .queue_url(&*self.url)
            .set_receipt_handle(record.receipt_handle.clone())
            .visibility_timeout(i32::try_from(after_s).unwrap_or(i32::MAX))
            .send();
        Box::pin(call).await.map(drop).map_err(|error| QueueError(CallFailure::of(&error)))
    }
}

/// All of the message's own attributes, and of what this attempt adds as much as there is room for, the reason first. Nothing of
/// the message gives way: what does not fit is in the log and the trace, by the message's id.
fn attributes(
    mut message: SendMessageFluentBuilder,
    record: &SqsMessage,
    why: &Failure,
) -> Result<SendMessageFluentBuilder, CallFailure> {
    for (name, attribute) in &record.message_attributes {
        if let Some(attribute) = copy(attribute) {
            message = message.message_attributes(name, attribute);
        }
    }
    let mut used = message.get_message_attributes().as_ref().map_or(0, HashMap::len);
    let has = |name: &str| record.message_attributes.contains_key(name);
    for (name, value) in [(REASON, &why.to_string()[..]), (STEP, why.step)] {
        if used < propagate::MAX_USER_ATTRIBUTES && !has(name) {
            message = message.message_attributes(name, text_attribute(value)?);
            used += 1;
        } else {
            telemetry::log::warn("the dead letter has no room for its reason or step", &[]);
        }
    }
    carry_trace(message, if has(propagate::TRACEPARENT) { propagate::MAX_USER_ATTRIBUTES } else { used })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Reason;

    #[test]
    fn a_message_keeps_all_its_attributes_and_gets_what_fits() {
        let why = Failure { step: "store", reason: Reason::Conflict };
        let client = Client::from_conf(aws_sdk_sqs::Config::builder().behavior_version_latest().build());
        for (own, reason, step) in [(0, true, true), (7, true, true), (9, true, false), (10, false, false)] {
            let mut record = SqsMessage::default();
            for n in 0..own {
                let mut attribute = SqsMessageAttribute::default();
                attribute.data_type = Some("String".into());
                attribute.string_value = Some(format!("value {n}"));
                record.message_attributes.insert(format!("tenant{n}"), attribute);
            }
            let message = attributes(client.send_message(), &record, &why).unwrap();
            let attributes = message.get_message_attributes().clone().unwrap_or_default();
            assert!(attributes.len() <= 10, "{own}");
            for n in 0..own {
                let kept = attributes[&format!("tenant{n}")].string_value();
                assert_eq!(kept, Some(&*format!("value {n}")), "{own}");
            }
            let added = [REASON, STEP].map(|name| attributes.contains_key(name));
            assert_eq!(added, [reason, step], "{own}");
        }
    }
}
