//! The dead-letter queue and the way back from it, and SQS behind them.

use std::collections::{HashMap, HashSet};

use aws_sdk_sqs::types::{
    MessageSystemAttributeName as SystemAttribute, MessageSystemAttributeNameForSends, MessageSystemAttributeValue,
    QueueAttributeName as Name,
};
use dead_letter::Letter;
use function_config::{CallFailure, FailureKind};
use telemetry::{AwsCall, Step};

use super::{Aws, AwsError};

/// What waits in the dead-letter queue.
#[derive(Debug, Clone, Default)]
pub struct Waiting {
    /// Those that were looked at.
    pub letters: Vec<Letter>,
    /// All of them, as SQS reckons: more than were looked at if there are many, or others look at some.
    pub all: u64,
}

/// Where dead letters are.
pub trait DeadLetters {
    /// What waits there, hidden from others for so many seconds.
    fn look(&self, hold_s: i32) -> impl Future<Output = Result<Waiting, AwsError>> + Send;

    /// Sends a letter back to the orders queue, and only then deletes it.
    fn send_back(&self, letter: &Letter) -> impl Future<Output = Result<(), AwsError>> + Send;
}

/// Of SQS: messages in one call.
const BATCH: i32 = 10;
/// A widget that shows more of them helps nobody.
const MOST_CALLS: usize = 20;
/// Long polling asks every one of SQS's servers: an empty answer then means an empty queue.
const WAIT_S: i32 = 1;

impl DeadLetters for Aws {
    async fn look(&self, hold_s: i32) -> Result<Waiting, AwsError> {
        let all = Step::new("get-queue-attributes")
            .aws(AwsCall::sqs("GetQueueAttributes", &self.dead_letters))
            .run(self.count())
            .await?;
        let letters = Step::new("receive")
            .aws(AwsCall::sqs("ReceiveMessage", &self.dead_letters))
            .run(async { if all == 0 { Ok(Vec::new()) } else { self.sweep(hold_s).await } })
            .await?;
        Ok(Waiting { letters, all })
    }

    async fn send_back(&self, letter: &Letter) -> Result<(), AwsError> {
        let send = async {
            let trace = letter.trace_header().map(trace_attribute).transpose()?;
            let kept = letter.attributes_to_keep();
            self.sqs
                .send_message()
                .queue_url(&*self.orders)
                .message_body(&letter.body)
                // SQS refuses an empty map.
                .set_message_attributes((!kept.is_empty()).then_some(kept))
                .set_message_system_attributes(trace)
                .send()
                .await
                .map_err(|error| AwsError::of("SQS", &error))
        };
        Step::new("send").aws(AwsCall::sqs("SendMessage", &self.orders)).run(send).await?;
        let delete = async {
            let call = self.sqs.delete_message().queue_url(&*self.dead_letters).receipt_handle(&letter.receipt_handle);
            call.send().await.map_err(|error| AwsError::of("SQS", &error))
        };
        Step::new("delete").aws(AwsCall::sqs("DeleteMessage", &self.dead_letters)).run(delete).await.map(drop)
    }
}

impl Aws {
    async fn count(&self) -> Result<u64, AwsError> {
        let names = [Name::ApproximateNumberOfMessages, Name::ApproximateNumberOfMessagesNotVisible];
        let call = self.sqs.get_queue_attributes().queue_url(&*self.dead_letters);
        let told = call.set_attribute_names(Some(names.to_vec())).send().await;
        let told = told.map_err(|error| AwsError::of("SQS", &error))?.attributes.unwrap_or_default();
        Ok(names.iter().filter_map(|name| told.get(name)?.parse::<u64>().ok()).sum())
    }

    /// Until nothing new comes. What is looked at shows again by itself when its time is over.
    async fn sweep(&self, hold_s: i32) -> Result<Vec<Letter>, AwsError> {
        let (mut letters, mut seen) = (Vec::new(), HashSet::new());
        for _call in 0..MOST_CALLS {
            let call = self
                .sqs
                .receive_message()
                .queue_url(&*self.dead_letters)
                .max_number_of_messages(BATCH)
                .wait_time_seconds(WAIT_S)
                .visibility_timeout(hold_s)
                .message_attribute_names("All")
                .message_system_attribute_names(SystemAttribute::All);
            let messages = call.send().await.map_err(|error| AwsError::of("SQS", &error))?.messages.unwrap_or_default();
            let before = letters.len();
            letters
                .extend(messages.into_iter().map(Letter::from).filter(|letter| seen.insert(letter.message_id.clone())));
            if letters.len() == before {
                break;
            }
        }
        Ok(letters)
    }
}

fn trace_attribute(
    header: &str,
) -> Result<HashMap<MessageSystemAttributeNameForSends, MessageSystemAttributeValue>, AwsError> {
    let value = MessageSystemAttributeValue::builder().data_type("String").string_value(header).build();
    // The builder asks for a type alone, which is there.
    let value = value.map_err(|_| AwsError { service: "SQS", failure: CallFailure::from(FailureKind::Refused) })?;
    Ok(HashMap::from([(MessageSystemAttributeNameForSends::AwsTraceHeader, value)]))
}
