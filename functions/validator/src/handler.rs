use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse};
use order::QueueMessage;
use telemetry::{CorrelationId, step};
use uuid::Uuid;

use crate::{
    metrics::Acceptance,
    queue::Queue,
    request,
    response::{self, Refusal},
    steps::{enqueue, parse, validate},
};

/// The function: generic over the queue, so that its tests need neither AWS nor the Lambda runtime.
#[derive(Debug)]
pub struct Validator<Q> {
    queue: Q,
    max_message_bytes: u64,
    retry_after_s: u64,
}

impl<Q: Queue> Validator<Q> {
    /// With the queue's message limit and what to tell a client whose order could not be enqueued.
    pub fn new(queue: Q, max_message_bytes: u64, retry_after_s: u64) -> Self {
        Self { queue, max_message_bytes, retry_after_s }
    }

    /// Answers one request. Every outcome is a response: an invocation error would reach the client as a bare 502.
    pub async fn handle(&self, request: ApiGatewayProxyRequest) -> ApiGatewayProxyResponse {
        let accepted = self.accept(request).await;
        telemetry::metrics::emit(Acceptance {
            orders_accepted: accepted.is_ok().into(),
            orders_rejected: accepted.as_ref().is_err_and(|refusal| refusal.status.is_client_error()).into(),
        });
        match accepted {
            Ok(order_id) => {
                step::outcome("accepted");
                response::accepted(order_id)
            }
            Err(refusal) => {
                step::failed(&refusal);
                response::refused(&refusal, self.retry_after_s)
            }
        }
    }

    async fn accept(&self, request: ApiGatewayProxyRequest) -> Result<Uuid, Refusal> {
        let order_id = order::order_id(request::idempotency_key(&request)?)?;
        if let Ok(id) = CorrelationId::new(&order_id.to_string()) {
            step::correlate(id);
        }
        let bytes = request::body(request)?;
        let order = validate::run(parse::run(&bytes, self.max_message_bytes)?)?;
        let message = QueueMessage { order_id, accepted_at: order::now(), order };
        enqueue::run(&self.queue, &message, self.max_message_bytes).await?;
        Ok(order_id)
    }
}
