use aws_lambda_events::apigw::ApiGatewayProxyResponse;
use function_config::{ConfigError, Env};
use order::{IdempotencyKey, QueueMessage};
use telemetry::{Caller, CorrelationId, step};
use uuid::Uuid;

use crate::{
    claims::{Claim, Claims},
    cors::Cors,
    metrics::Acceptance,
    queue::Queue,
    request::Request,
    response::{self, Refusal},
    steps::{
        claim::{self, Decided},
        confirm, enqueue, parse, validate,
    },
};

/// The function: generic over the queue and the record of keys, so that its tests need neither AWS nor the Lambda runtime.
#[derive(Debug)]
pub struct Validator<Q, C> {
    queue: Q,
    claims: Option<C>,
    cors: Cors,
    max_message_bytes: u64,
    retry_after_s: u64,
}

/// An order that is accepted.
#[derive(Debug)]
struct Accepted {
    order_id: Uuid,
    /// It was accepted before.
    again: bool,
}

impl<Q: Queue, C: Claims> Validator<Q, C> {
    /// With `MAX_MESSAGE_BYTES`, `RETRY_AFTER_S` and `CORS_ALLOW_ORIGINS` of the environment. Without
    /// a record of keys the processor alone finds retries, and orders under a used key.
    ///
    /// # Errors
    /// When one of the numbers is missing or none.
    pub fn new(queue: Q, claims: Option<C>, env: &Env) -> Result<Self, ConfigError> {
        Ok(Self {
            queue,
            claims,
            cors: Cors::new(&env.list("CORS_ALLOW_ORIGINS")),
            max_message_bytes: env.number("MAX_MESSAGE_BYTES")?,
            retry_after_s: env.number("RETRY_AFTER_S")?,
        })
    }

    /// Answers one request. Every outcome is a response: an invocation error would reach the client as a bare 502.
    pub async fn handle(&self, request: Request) -> ApiGatewayProxyResponse {
        Caller::new(request.traceparent()).run(self.answer(request)).await
    }

    async fn answer(&self, request: Request) -> ApiGatewayProxyResponse {
        let allowed = self.cors.headers(request.origin());
        // It is no order, and counted as none.
        if request.is_preflight() {
            step::outcome("preflight");
            return response::preflight(allowed);
        }
        let accepted = self.accept(request).await;
        telemetry::metrics::emit(Acceptance {
            orders_accepted: accepted.as_ref().is_ok_and(|order| !order.again).into(),
            orders_repeated: accepted.as_ref().is_ok_and(|order| order.again).into(),
            orders_rejected: accepted.as_ref().is_err_and(|refusal| refusal.status.is_client_error()).into(),
            orders_uncertain: accepted.as_ref().is_err_and(Refusal::is_unknown).into(),
        });
        let mut response = match accepted {
            Ok(Accepted { order_id, again }) => {
                step::outcome(if again { "repeated" } else { "accepted" });
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

    async fn accept(&self, mut request: Request) -> Result<Accepted, Refusal> {
        let caller = request.caller();
        let given = IdempotencyKey::read(request.idempotency_keys(), caller.as_deref())?;
        // A request without a key pays nothing for one, but can be told one.
        let claims = given.as_ref().and(self.claims.as_ref());
        let key = given.unwrap_or_else(IdempotencyKey::random);
        let order_id = key.order_id(caller.as_deref());
        if let Ok(id) = CorrelationId::new(&order_id.to_string()) {
            step::correlate(id);
        }
        let bytes = request.body()?;
        let body = parse::run(&bytes, request.is_encoded())?;
        let mut message = QueueMessage { order_id, accepted_at: order::now(), order: validate::run(body)? };
        let mut encoded = enqueue::encode(&message, self.max_message_bytes)?;
        if let Some(claims) = claims {
            let payload_hash = message.order.payload_hash();
            match claim::run(claims, Claim { order_id, payload_hash, accepted_at: message.accepted_at }).await? {
                Decided::Answer => return Ok(Accepted { order_id, again: true }),
                Decided::Enqueue(accepted_at) if accepted_at == message.accepted_at => {}
                Decided::Enqueue(accepted_at) => {
                    // The same acceptance, and so told apart from another one by the processor.
                    message.accepted_at = accepted_at;
                    encoded = enqueue::encode(&message, self.max_message_bytes)?;
                }
            }
        }
        enqueue::run(&self.queue, encoded).await.map_err(|refusal| refusal.with_retry(order_id, &key))?;
        let again = match claims {
            Some(claims) => !confirm::run(claims, order_id).await,
            None => false,
        };
        Ok(Accepted { order_id, again })
    }
}
