//! The order is accepted once SQS has confirmed its message.

use order::QueueMessage;
use telemetry::Step;

use super::INTERNAL;
use crate::{
    queue::{EnqueueError, Queue},
    response::{Reason, Refusal},
};

/// The message's body, if it fits into the queue.
pub(crate) fn encode(message: &QueueMessage, max_bytes: u64) -> Result<String, Refusal> {
    let body = message.encode().map_err(|_| Refusal::new(Reason::Unencodable, INTERNAL))?;
    if body.len() as u64 > max_bytes {
        let message =
            format!("Order is too large: {} bytes as a message, and at most {max_bytes} are taken", body.len());
        return Err(Refusal::new(Reason::TooLarge, message));
    }
    Ok(body)
}

pub(crate) async fn run<Q: Queue>(queue: &Q, body: String) -> Result<(), Refusal> {
    Step::new("enqueue")
        .aws(queue.call())
        .run(async {
            queue.send(body).await.map_err(|EnqueueError { failure, unknown }| {
                if unknown {
                    return Refusal::new(Reason::Unknown(failure), UNKNOWN);
                }
                let message = if failure.is_transient() { UNAVAILABLE } else { INTERNAL };
                Refusal::new(Reason::Call(failure), message)
            })
        })
        .await
}

const UNAVAILABLE: &str = "Order not accepted: the queue is unavailable. Send it again after the time in Retry-After";

const UNKNOWN: &str = "It is not known whether the order is accepted: the queue did not answer. Send it again with the \
    Idempotency-Key in idempotencyKey, so that it can't become two orders; orderId is its id either way";
