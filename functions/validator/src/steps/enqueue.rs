//! The order is accepted once SQS has confirmed its message.

use order::QueueMessage;
use telemetry::Step;

use crate::{
    queue::{EnqueueError, Queue},
    response::{Reason, Refusal},
};

pub(crate) async fn run<Q: Queue>(queue: &Q, message: &QueueMessage, max_bytes: u64) -> Result<(), Refusal> {
    Step::new("enqueue")
        .aws(queue.call())
        .run(async {
            let body = message.encode().map_err(|_| Refusal::new(Reason::Unencodable, INTERNAL))?;
            if body.len() as u64 > max_bytes {
                let message =
                    format!("Order is too large: {} bytes as a message, and at most {max_bytes} are taken", body.len());
                return Err(Refusal::new(Reason::TooLarge, message));
            }
            queue.send(body).await.map_err(|EnqueueError(failure)| {
                let message = if failure.is_transient() { UNAVAILABLE } else { INTERNAL };
                Refusal::new(Reason::Queue(failure), message)
            })
        })
        .await
}

const UNAVAILABLE: &str = "Order not accepted: the queue is unavailable. Send it again after the time in Retry-After, \
    with the same Idempotency-Key header if it has one, so that it can't become two orders";

const INTERNAL: &str = "Order not accepted: internal error, the operators are told";
