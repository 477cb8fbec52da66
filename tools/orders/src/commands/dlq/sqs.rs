//! The two queues in SQS.

use std::collections::HashMap;

use anyhow::{Context as _, Result, bail};
use aws_sdk_sqs::{
    Client,
    types::{
        ChangeMessageVisibilityBatchRequestEntry as Show, MessageAttributeValue,
        MessageSystemAttributeName as SystemAttribute, MessageSystemAttributeNameForSends, MessageSystemAttributeValue,
        QueueAttributeName,
    },
};

use super::{letter::Letter, port::Queues};
use crate::environment::Environment;

/// Longer than a sweep of tens of thousands takes; after a crash the messages show again by themselves.
const HELD_S: i32 = 300;
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
}

impl SqsQueues {
    pub(super) async fn open(environment: &Environment) -> Result<Self> {
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
        Ok(Self { client, dead_letters, orders: environment.output(suite::output::QUEUE_URL)?.to_owned(), retention_s })
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
            .visibility_timeout(HELD_S)
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
                .with_context(|| format!("can't show messages again, they will be in {HELD_S} s"))?;
        }
        Ok(())
    }

    async fn send_to_orders(&self, letter: &Letter) -> Result<()> {
        let trace = letter.trace_header().map(trace_attribute).transpose()?;
        self.client
            .send_message()
            .queue_url(&self.orders)
            .message_body(&letter.body)
            .set_message_attributes(some(letter.attributes_to_keep()))
            .set_message_system_attributes(trace)
            .send()
            .await
            .with_context(|| format!("can't send message {} to {}", letter.message_id, self.orders))?;
        Ok(())
    }

    async fn delete(&self, letter: &Letter) -> Result<()> {
        if letter.receipt_handle.is_empty() {
            bail!("SQS gave no receipt for message {}", letter.message_id);
        }
        self.client
            .delete_message()
            .queue_url(&self.dead_letters)
            .receipt_handle(&letter.receipt_handle)
            .send()
            .await
            .with_context(|| format!("can't delete message {} from {}", letter.message_id, self.dead_letters))?;
        Ok(())
    }
}

fn trace_attribute(header: &str) -> Result<HashMap<MessageSystemAttributeNameForSends, MessageSystemAttributeValue>> {
    let value = MessageSystemAttributeValue::builder().data_type("String").string_value(header).build()?;
    Ok(HashMap::from([(MessageSystemAttributeNameForSends::AwsTraceHeader, value)]))
}

/// SQS refuses an empty map.
fn some(attributes: HashMap<String, MessageAttributeValue>) -> Option<HashMap<String, MessageAttributeValue>> {
    (!attributes.is_empty()).then_some(attributes)
}

fn name(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}
