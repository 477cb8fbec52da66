use std::sync::Mutex;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use function_config::{ConfigError, Env};
use futures::{StreamExt as _, stream};
use jiff::Timestamp;
use order::{QueueMessage, StoredOrder};
use telemetry::{Record, propagate::TRACEPARENT, step};

use crate::{
    failure::Failure,
    metrics::Processing,
    ports::{queue::Queues, table::Table},
    steps::{
        dead_letter, decode,
        retry::{self, Backoff},
        store::{self, Stored},
    },
};

/// The function: generic over table and queues, so that its tests need neither AWS nor the Lambda runtime.
#[derive(Debug)]
pub struct Processor<T, Q> {
    table: T,
    queues: Q,
    concurrency: usize,
    max_receives: u64,
    backoff: Backoff,
}

/// A message is sent when its order is accepted, and again when it is sent back from the dead-letter queue.
const SENT_WITH_ITS_ACCEPTANCE: jiff::SignedDuration = jiff::SignedDuration::from_secs(60);

impl<T: Table, Q: Queues> Processor<T, Q> {
    /// With `STORE_CONCURRENCY`, `MAX_RECEIVE_COUNT`, `RETRY_BASE_S` and `RETRY_MAX_S` of the environment.
    ///
    /// # Errors
    /// When one of them is missing or no number.
    pub fn new(table: T, queues: Q, env: &Env) -> Result<Self, ConfigError> {
        Ok(Self {
            table,
            queues,
            concurrency: usize::try_from(env.number("STORE_CONCURRENCY")?).unwrap_or(usize::MAX).max(1),
            max_receives: env.number("MAX_RECEIVE_COUNT")?,
            backoff: Backoff { base_s: env.number("RETRY_BASE_S")?, max_s: env.number("RETRY_MAX_S")? },
        })
    }

    /// Handles a batch; the response names the records to show again.
    pub async fn handle(&self, event: SqsEvent) -> SqsBatchResponse {
        let processing = Mutex::new(Processing::default());
        let mut response = SqsBatchResponse::default();
        response.batch_item_failures = stream::iter(&event.records)
            .map(|message| self.record(message, &processing))
            .buffer_unordered(self.concurrency)
            .filter_map(async |failure| failure)
            .collect()
            .await;
        telemetry::metrics::emit(processing.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner));
        response
    }

    /// Handles one record as a segment of its producer's trace; what comes back goes back to the queue.
    async fn record(&self, message: &SqsMessage, processing: &Mutex<Processing>) -> Option<BatchItemFailure> {
        let traceparent = message.message_attributes.get(TRACEPARENT).and_then(|value| value.string_value.as_deref());
        let record = Record::from_sqs(message.message_id.as_deref(), &message.attributes, traceparent);
        let count = |count: &dyn Fn(&mut Processing)| {
            count(&mut processing.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        };

        let mut goes_back = false;
        let outcome = record
            .run(async {
                let decoded = decode::run(message);
                let accepted_at = decoded.as_ref().ok().map(|order| order.accepted_at);
                let stored = match decoded {
                    Ok(order) => self.store(order, record.receive_count(), &count).await,
                    Err(failure) => Err(failure),
                };
                let Err(failure) = stored else { return Ok(()) };
                count(&|processing| processing.record_failures += 1);
                let dead = if failure.is_permanent() && dead_letter::run(&self.queues, message, &failure).await.is_ok()
                {
                    count(&|processing| processing.records_moved_to_dlq += 1);
                    true
                } else {
                    // A dead letter that could not be sent is not lost: the queue's own redrive moves it in the end.
                    goes_back = true;
                    // Its failure is in the step; the record comes back all the same, only later.
                    let _only_later = retry::run(&self.queues, message, record.receive_count(), self.backoff).await;
                    // The queue moves it instead of showing it once more.
                    record.receive_count() >= self.max_receives
                };
                if dead && accepted_at.is_some_and(|accepted_at| is_first_way(message, accepted_at)) {
                    count(&|processing| processing.orders_dead += 1);
                }
                Err::<(), Failure>(failure)
            })
            .await;
        (outcome.is_err() && goes_back).then(|| {
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = message.message_id.clone().unwrap_or_default();
            failure
        })
    }

    async fn store(
        &self,
        message: QueueMessage,
        receives: u64,
        count: &impl Fn(&dyn Fn(&mut Processing)),
    ) -> Result<(), Failure> {
        let order = StoredOrder::new(message, Timestamp::now(), step::trace_id());
        match store::run(&self.table, &order, receives).await? {
            Stored::Now(at) => {
                if at != order.processed_at {
                    step::outcome("recovered");
                }
                count(&|processing| {
                    processing.orders_stored += 1;
                    // Until it was stored, which may have been some deliveries ago.
                    processing.end_to_end_latency.push(order::between(order.created_at, at));
                });
            }
            Stored::Duplicate => {
                step::outcome("duplicate");
                count(&|processing| processing.orders_duplicate += 1);
            }
            Stored::Repeated => {
                step::outcome("repeated");
                count(&|processing| processing.orders_repeated += 1);
            }
        }
        Ok(())
    }
}

/// Is the message on its way for the first time, not sent back from the dead-letter queue?
fn is_first_way(message: &SqsMessage, accepted_at: Timestamp) -> bool {
    let sent =
        message.attributes.get("SentTimestamp").and_then(|ms| Timestamp::from_millisecond(ms.parse().ok()?).ok());
    !message.message_attributes.contains_key(::dead_letter::REDRIVEN)
        && sent.is_none_or(|sent| sent.duration_since(accepted_at) < SENT_WITH_ITS_ACCEPTANCE)
}

#[cfg(test)]
mod tests {
    use aws_config::{BehaviorVersion, SdkConfig};

    use super::*;
    use crate::{DynamoTable, SqsQueues};

    #[test]
    fn the_future_of_a_record_is_small() {
        let sdk = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).build();
        let numbers = ["STORE_CONCURRENCY", "MAX_RECEIVE_COUNT", "RETRY_BASE_S", "RETRY_MAX_S"].map(|name| (name, "1"));
        let (table, queues) = (DynamoTable::new(&sdk, "orders"), SqsQueues::new(&sdk, "queue", "dead-letters"));
        let processor = Processor::new(table, queues, &Env::from(numbers)).unwrap();
        let (message, processing) = (SqsMessage::default(), Mutex::default());
        let bytes = size_of_val(&processor.record(&message, &processing));
        assert!(bytes <= 8192, "{bytes} bytes: is a call to AWS boxed?");
    }
}
