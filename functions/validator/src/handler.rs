use aws_lambda_events::{
    apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse},
    http::Method,
};
use function_config::{ConfigError, Env};
use order::QueueMessage;
use telemetry::{CorrelationId, step};
use uuid::Uuid;

use crate::{
    cors::Cors,
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
    cors: Cors,
    max_message_bytes: u64,
    retry_after_s: u64,
}

impl<Q: Queue> Validator<Q> {
    /// With `MAX_MESSAGE_BYTES`, `RETRY_AFTER_S` and `CORS_ALLOW_ORIGINS` of the environment.
    ///
    /// # Errors
    /// When one of the numbers is missing or none.
    pub fn new(queue: Q, env: &Env) -> Result<Self, ConfigError> {
        Ok(Self {
            queue,
            cors: Cors::new(&env.list("CORS_ALLOW_ORIGINS")),
            max_message_bytes: env.number("MAX_MESSAGE_BYTES")?,
            retry_after_s: env.number("RETRY_AFTER_S")?,
        })
    }

    /// Answers one request. Every outcome is a response: an invocation error would reach the client as a bare 502.
    pub async fn handle(&self, request: ApiGatewayProxyRequest) -> ApiGatewayProxyResponse {
        let allowed = self.cors.headers(&request.headers);
        // A browser's question before the request itself: it is no order, and counted as none.
        if request.http_method == Method::OPTIONS {
            step::outcome("preflight");
            return response::preflight(allowed);
        }
        let accepted = self.accept(request).await;
        telemetry::metrics::emit(Acceptance {
            orders_accepted: u64::from(accepted.is_ok()),
            orders_rejected: u64::from(accepted.as_ref().is_err_and(|refusal| refusal.status.is_client_error())),
        });
        let mut response = match accepted {
            Ok(order_id) => {
                step::outcome("accepted");
                response::accepted(order_id)
            }
            Err(refusal) => {
                step::failed(&refusal);
                response::refused(&refusal, self.retry_after_s)
            }
        };
        response.headers.extend(allowed);
        response
    }

    async fn accept(&self, request: ApiGatewayProxyRequest) -> Result<Uuid, Refusal> {
        let order_id = order::order_id(request::idempotency_key(&request)?)?;
        if let Ok(id) = CorrelationId::new(&order_id.to_string()) {
            step::correlate(id);
        }
        let encoding = request::content_encoding(&request);
        let bytes = request::body(request)?;
        let body = parse::run(&bytes, encoding)?;
        let message = QueueMessage { order_id, accepted_at: order::now(), order: validate::run(body)? };
        enqueue::run(&self.queue, &message, self.max_message_bytes).await?;
        Ok(order_id)
    }
}
