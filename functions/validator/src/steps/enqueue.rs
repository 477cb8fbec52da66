//! The order is accepted once SQS has confirmed its message.

use aws_lambda_events::http::StatusCode;
use order::QueueMessage;

use super::parse::too_large;
use crate::{queue::Queue, response::Refusal};

const STEP: &str = "enqueue";

pub(crate) async fn run<Q: Queue>(queue: &Q, message: &QueueMessage, max_bytes: u64) -> Result<(), Refusal> {
    let refuse = |refusal: Refusal| Refusal { order_id: Some(message.order_id), ..refusal };
    let body = message.encode().map_err(|error| refuse(Refusal { cause: Some(error.to_string()), ..internal() }))?;
    if body.len() as u64 > max_bytes {
        return Err(refuse(too_large(STEP, body.len(), max_bytes)));
    }
    queue.send(body).await.map_err(|error| {
        let cause = Some(error.to_string());
        refuse(if error.0.is_transient() {
            Refusal { cause, ..unavailable() }
        } else {
            Refusal { cause, ..internal() }
        })
    })
}

fn unavailable() -> Refusal {
    Refusal::new(
        StatusCode::SERVICE_UNAVAILABLE,
        STEP,
        "Order not accepted: the queue is unavailable. Send it again after the time in Retry-After, with the same \
         Idempotency-Key header if it has one, so that it can't become two orders",
    )
}

fn internal() -> Refusal {
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, STEP, "Order not accepted: internal error, the operators are told")
}
