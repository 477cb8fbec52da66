use std::sync::Mutex;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use function_config::{ConfigError, Env};
use futures::{StreamExt as _, stream};
use order::StoredOrder;
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
    backoff: Backoff,
}

impl<T: Table, Q: Queues> Processor<T, Q> {
    /// With `STORE_CONCURRENCY`, `RETRY_BASE_S` and `RETRY_MAX_S` of the environment.
    ///
    /// # Errors
    /// When one of them is missing or no number.
    pub fn new(table: T, queues: Q, env: &Env) -> Result<Self, ConfigError> {
        Ok(Self {
            table,
            queues,
            concurrency: usize::try_from(env.number("STORE_CONCURRENCY")?).unwrap_or(usize::MAX).max(1),
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
                let failure = match self.store(message, &count).await {
                    Ok(()) => return Ok(()),
                    Err(failure) => failure,
                };
                count(&|processing| processing.record_failures += 1);
                if failure.is_permanent() && dead_letter::run(&self.queues, message, &failure).await.is_ok() {
                    count(&|processing| processing.records_moved_to_dlq += 1);
                } else {
                    // A dead letter that could not be sent is not lost: the queue's own redrive moves it in the end.
                    goes_back = true;
                    // Its failure is in the step; the record comes back all the same, only later.
                    let _only_later = retry::run(&self.queues, message, record.receive_count(), self.backoff).await;
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

    async fn store(&self, message: &SqsMessage, count: &impl Fn(&dyn Fn(&mut Processing))) -> Result<(), Failure> {
        let message = decode::run(message)?;
        let stored = StoredOrder::new(message, order::now(), step::trace_id());
        match store::run(&self.table, &stored).await? {
            Stored::New => count(&|processing| {
                processing.orders_stored += 1;
                processing.end_to_end_latency.push(order::since(stored.created_at));
            }),
            Stored::Before => {
                step::outcome("duplicate");
                count(&|processing| processing.orders_duplicate += 1);
            }
        }
        Ok(())
    }
}
