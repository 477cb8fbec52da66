//! A whole function behind a queue: each record a unit of work, and partial failures.

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use telemetry::{Config, CorrelationId, ErrorClass, Step, partial_batch, step};

struct Unreadable;

impl ErrorClass for Unreadable {
    fn class(&self) -> &'static str {
        "MessageUnreadable"
    }
}

async fn handle(message: &SqsMessage) -> Result<(), Unreadable> {
    let id = Step::new("decode")
        .run_sync(|| CorrelationId::new(message.body.as_deref().unwrap_or_default()).map_err(|_| Unreadable))?;
    step::correlate(id);
    Step::new("ship").run(async { Ok(()) }).await
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let handler = service_fn(async |event: LambdaEvent<SqsEvent>| {
        Ok::<_, Error>(partial_batch(&event.payload, 10, |message, _| handle(message)).await)
    });
    telemetry::init(Config::from_env()?.correlation_key("orderId"))?.run(handler).await
}
