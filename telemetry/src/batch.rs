use std::future::Future;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures::{StreamExt as _, stream};

use crate::{error::ErrorClass, record::Record};

/// Handles the records of a batch, at most `concurrency` at a time, each as a unit of work of its own ([`Record::run`]). The response
/// names the records that failed, for SQS to show again; none fails its neighbours.
pub async fn partial_batch<'e, F, E>(
    event: &'e SqsEvent,
    concurrency: usize,
    handle: impl Fn(&'e SqsMessage, &Record) -> F,
) -> SqsBatchResponse
where
    F: Future<Output = Result<(), E>>,
    E: ErrorClass,
{
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = stream::iter(&event.records)
        .map(|message| {
            let record = Record::from(message);
            let work = handle(message, &record);
            async move {
                record.run(work).await.err().map(|_told| {
                    let mut failure = BatchItemFailure::default();
                    failure.item_identifier = message.message_id.clone().unwrap_or_default();
                    failure
                })
            }
        })
        .buffer_unordered(concurrency.max(1))
        .filter_map(async |failure| failure)
        .collect()
        .await;
    response
}
