use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use function_config::{ConfigError, Env};
use futures::{StreamExt as _, stream};
use order::StoredOrder;

use crate::{
    ports::{
        queue::{DeadLetter, Queues},
        table::Table,
    },
    steps::{
        decode, give_up,
        retry::{self, Backoff},
        store::{self, Store},
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

/// What became of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// New, and in the table now.
    Stored,
    /// In the table already, with the same payload.
    Duplicate,
    /// In the dead-letter queue, and why.
    Moved(DeadLetter),
    /// Back in the queue, and why.
    Retry {
        /// Where it failed.
        step: &'static str,
        /// Why.
        cause: String,
    },
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
        let mut response = SqsBatchResponse::default();
        response.batch_item_failures = stream::iter(event.records)
            .map(|record| self.record(record))
            .buffer_unordered(self.concurrency)
            .filter_map(async |failure| failure)
            .collect()
            .await;
        response
    }

    async fn record(&self, record: SqsMessage) -> Option<BatchItemFailure> {
        let outcome = self.process(&record).await;
        let message_id = record.message_id.as_deref().unwrap_or_default();
        match outcome {
            Outcome::Stored => {
                tracing::info!(messageId = message_id, outcome = "stored", "order stored")
            }
            Outcome::Duplicate => tracing::info!(messageId = message_id, outcome = "duplicate", "order known already"),
            Outcome::Moved(DeadLetter { step, reason }) => {
                tracing::error!(messageId = message_id, step, outcome = "moved", error = reason, "moved to the DLQ");
            }
            Outcome::Retry { step, cause } => {
                tracing::warn!(messageId = message_id, step, outcome = "retry", error = cause, "back to the queue");
                retry::run(&self.queues, &record, self.backoff).await;
                let mut failure = BatchItemFailure::default();
                failure.item_identifier = message_id.to_owned();
                return Some(failure);
            }
        }
        None
    }

    async fn process(&self, record: &SqsMessage) -> Outcome {
        let message = match decode::run(record) {
            Ok(message) => message,
            Err(why) => return give_up::run(&self.queues, record, why).await,
        };
        let order = StoredOrder::new(message, order::now(), None);
        match store::run(&self.table, &order).await {
            Ok(Store::Stored) => Outcome::Stored,
            Ok(Store::Duplicate) => Outcome::Duplicate,
            Ok(Store::Conflict(why)) => give_up::run(&self.queues, record, why).await,
            Err(error) => Outcome::Retry { step: "store", cause: error.to_string() },
        }
    }
}
