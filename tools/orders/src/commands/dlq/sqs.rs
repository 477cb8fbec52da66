//! The two queues in SQS.

use std::collections::HashMap;

use anyhow::{Context as _, Result, anyhow};
use aws_sdk_sqs::{
    Client,
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
    types::{
        ChangeMessageVisibilityBatchRequestEntry as Show, MessageAttributeValue,
        MessageSystemAttributeName as SystemAttribute, MessageSystemAttributeNameForSends, MessageSystemAttributeValue,
        QueueAttributeName,
    },
};
use dead_letter::Letter;

use super::port::{Failed, Queues};
use crate::environment::Environment;

/// Of SQS: messages in one call.
const BATCH: i32 = 10;
/// Long polling asks every one of SQS's servers: an empty answer then means an empty queue.
const WAIT_S: i32 = 2;

#[derive(Debug)]
pub(super) struct SqsQueues {
    client: Client,
    dead_letters: String,
    orders: String,
    retention_s: i64,
    hold_s: i32,
}

impl SqsQueues {
    /// Messages are held for `hold_s` at a time.
    pub(super) async fn open(environment: &Environment, hold_s: u32) -> Result<Self> {
        let client = Client::new(&environment.sdk);
        let dead_letters = environment.output(suite::output::DEAD_LETTER_QUEUE_URL)?.to_owned();
        let retention_s = client
            .get_queue_attributes()
            .queue_url(&dead_letters)
            .attribute_names(QueueAttributeName::MessageRetentionPeriod)
            .send()
            .await
            .with_context(|| format!("can't read the queue {dead_letters}"))?
            .attributes
            .and_then(|attributes| attributes.get(&QueueAttributeName::MessageRetentionPeriod)?.parse().ok())
            .context("SQS does not tell the dead-letter queue's retention")?;
        let orders = environment.output(suite::output::QUEUE_URL)?.to_owned();
        Ok(Self { client, dead_letters, orders, retention_s, hold_s: i32::try_from(hold_s)? })
    }
}

impl Queues for SqsQueues {
    fn dead_letters_name(&self) -> &str {
        name(&self.dead_letters)
    }

    fn orders_name(&self) -> &str {
        name(&self.orders)
    }

    fn retention_s(&self) -> i64 {
        self.retention_s
    }

    async fn receive(&self) -> Result<Vec<Letter>> {
        let received = self
            .client
            .receive_message()
            .queue_url(&self.dead_letters)
            .max_number_of_messages(BATCH)
            .wait_time_seconds(WAIT_S)
            .visibility_timeout(self.hold_s)
            .message_attribute_names("All")
            .message_system_attribute_names(SystemAttribute::All)
            .send()
            .await
            .with_context(|| format!("can't receive from {}", self.dead_letters))?;
        Ok(received.messages.unwrap_or_default().into_iter().map(Letter::from).collect())
    }

    async fn release(&self, letters: &[Letter]) -> Result<()> {
        for batch in letters.chunks(usize::try_from(BATCH)?) {
            let entries = batch
                .iter()
                .enumerate()
                .map(|(n, letter)| {
                    let entry = Show::builder().id(n.to_string()).receipt_handle(&letter.receipt_handle);
                    entry.visibility_timeout(0).build()
                })
                .collect::<Result<Vec<_>, _>>()?;
            // An entry that fails shows again by itself: its time is over, or soon will be.
            self.client
                .change_message_visibility_batch()
                .queue_url(&self.dead_letters)
                .set_entries(Some(entries))
                .send()
                .await
                .with_context(|| format!("can't show messages again, they will be in {} s", self.hold_s))?;
        }
        Ok(())
    }

    async fn held(&self) -> Result<u64> {
        let name = QueueAttributeName::ApproximateNumberOfMessagesNotVisible;
        let told = self.client.get_queue_attributes().queue_url(&self.dead_letters).attribute_names(name.clone());
        let told = told.send().await.with_context(|| format!("can't read the queue {}", self.dead_letters))?;
        let count = told.attributes.as_ref().and_then(|attributes| attributes.get(&name)?.parse().ok());
        count.context("SQS does not tell how many messages are held")
    }

    async fn send_to_orders(&self, letter: &Letter) -> Result<(), Failed> {
        let trace = letter.trace_header().map(trace_attribute).transpose().map_err(Failed::Message)?;
        self.client
            .send_message()
            .queue_url(&self.orders)
            .message_body(&letter.body)
            .set_message_attributes(some(letter.attributes_to_keep()))
            .set_message_system_attributes(trace)
            .send()
            .await
            .map_err(|error| failed(error, format!("can't send it to {}", self.orders)))?;
        Ok(())
    }

    async fn delete(&self, letter: &Letter) -> Result<(), Failed> {
        self.client
            .delete_message()
            .queue_url(&self.dead_letters)
            .receipt_handle(&letter.receipt_handle)
            .send()
            .await
            .map_err(|error| failed(error, format!("can't delete it from {}", self.dead_letters)))?;
        Ok(())
    }
}

fn trace_attribute(header: &str) -> Result<HashMap<MessageSystemAttributeNameForSends, MessageSystemAttributeValue>> {
    let value = MessageSystemAttributeValue::builder().data_type("String").string_value(header).build()?;
    Ok(HashMap::from([(MessageSystemAttributeNameForSends::AwsTraceHeader, value)]))
}

/// What SQS says of one message, and not of the call, the caller or the queue.
const OF_A_MESSAGE: [&str; 7] = [
    "BatchRequestTooLong",
    "InvalidAttributeValue",
    "InvalidMessageContents",
    "InvalidParameterValue",
    "InvalidParameterValueException",
    "MessageTooLong",
    "ReceiptHandleIsInvalid",
];

fn failed<E>(error: SdkError<E, HttpResponse>, context: String) -> Failed
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let code = error.code().map(|code| code.rsplit('.').next().unwrap_or(code).to_owned());
    let of_a_message = code.as_deref().is_some_and(|code| OF_A_MESSAGE.contains(&code));
    // SQS's own words; the SDK's chain has them only in the form that programmers read.
    let error = match (error.message(), &code) {
        (Some(message), Some(code)) => anyhow!("{message} ({code})"),
        _ => anyhow::Error::from(error),
    };
    let error = error.context(context);
    if of_a_message { Failed::Message(error) } else { Failed::Queue(error) }
}

/// SQS refuses an empty map.
fn some(attributes: HashMap<String, MessageAttributeValue>) -> Option<HashMap<String, MessageAttributeValue>> {
    (!attributes.is_empty()).then_some(attributes)
}

fn name(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}
