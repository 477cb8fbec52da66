//! The port to what is known of keys, and DynamoDB behind it.

use std::sync::Arc;

use aws_config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::{
    Client,
    operation::put_item::PutItemError,
    types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use function_config::{CallFailure, ConfigError, Env, TellStep};
use jiff::Timestamp;
use telemetry::AwsCall;
use uuid::Uuid;

/// Which order a key stands for, for as long as clients retry. The key itself is not kept: the id is made of it.
pub trait Claims {
    /// The call that `claim` makes, for the trace.
    fn claim_call(&self) -> AwsCall;

    /// The call that `confirm` makes, for the trace.
    fn confirm_call(&self) -> AwsCall;

    /// Makes an order the key's order, unless there is one.
    fn claim(&self, claim: &Claim) -> impl Future<Output = Result<Claimed, ClaimError>> + Send;

    /// Notes that the queue has the order; tells whether this was not known before.
    fn confirm(&self, order_id: Uuid) -> impl Future<Output = Result<bool, ClaimError>> + Send;
}

/// An order that is about to be enqueued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Made of caller and key.
    pub order_id: Uuid,
    /// Tells a retry from another order.
    pub payload_hash: String,
    /// When it was accepted first.
    pub accepted_at: Timestamp,
}

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// The key was free.
    New,
    /// The key had an order.
    Known {
        /// That order.
        claim: Claim,
        /// The queue is known to have it.
        enqueued: bool,
    },
}

/// What is known of the key could not be learnt or noted.
#[derive(Debug, thiserror::Error)]
#[error("DynamoDB: {0}")]
pub struct ClaimError(pub CallFailure);

/// A DynamoDB table with the key `orderId` and `expiresAt` as its time to live.
#[derive(Debug, Clone)]
pub struct DynamoClaims {
    client: Client,
    table: Arc<str>,
    ttl_s: i64,
}

impl DynamoClaims {
    /// In the table `IDEMPOTENCY_TABLE_NAME`, for `IDEMPOTENCY_TTL_S`; none if that is 0. Its time limits are tighter than the
    /// queue's, so that all three calls of an order end before the function does.
    ///
    /// # Errors
    /// When one of these, or of the time limits, is missing or no number.
    pub fn of(sdk: &aws_config::SdkConfig, env: &Env) -> Result<Option<Self>, ConfigError> {
        let ttl_s = env.number("IDEMPOTENCY_TTL_S")?.try_into().unwrap_or(i64::MAX);
        if ttl_s == 0 {
            return Ok(None);
        }
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(env.milliseconds("IDEMPOTENCY_ATTEMPT_TIMEOUT_MS")?)
            .operation_timeout(env.milliseconds("IDEMPOTENCY_OPERATION_TIMEOUT_MS")?)
            .build();
        let config =
            aws_sdk_dynamodb::config::Builder::from(sdk).interceptor(TellStep).timeout_config(timeouts).build();
        let table = env.text("IDEMPOTENCY_TABLE_NAME")?.into();
        Ok(Some(Self { client: Client::from_conf(config), table, ttl_s }))
    }
}

impl Claims for DynamoClaims {
    fn claim_call(&self) -> AwsCall {
        AwsCall::dynamodb("PutItem", &self.table)
    }

    fn confirm_call(&self) -> AwsCall {
        AwsCall::dynamodb("UpdateItem", &self.table)
    }

    async fn claim(&self, claim: &Claim) -> Result<Claimed, ClaimError> {
        let now = Timestamp::now().as_second();
        let number = |number: i64| AttributeValue::N(number.to_string());
        let call = self
            .client
            .put_item()
            .table_name(&*self.table)
            .item("orderId", AttributeValue::S(claim.order_id.to_string()))
            .item("payloadHash", AttributeValue::S(claim.payload_hash.clone()))
            .item("acceptedAt", AttributeValue::S(claim.accepted_at.to_string()))
            .item("enqueued", AttributeValue::Bool(false))
            .item("expiresAt", number(now.saturating_add(self.ttl_s)))
            // DynamoDB deletes what has expired within days, not at once.
            .condition_expression("attribute_not_exists(orderId) OR expiresAt <= :now")
            .expression_attribute_values(":now", number(now))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send();
        // On the heap, as the queue's.
        let Err(error) = Box::pin(call).await else { return Ok(Claimed::New) };
        if let Some(PutItemError::ConditionalCheckFailedException(failed)) = error.as_service_error() {
            let text = |name: &str| failed.item()?.get(name)?.as_s().ok();
            let accepted_at = text("acceptedAt").and_then(|text| text.parse().ok()).unwrap_or(claim.accepted_at);
            let payload_hash = text("payloadHash").cloned().unwrap_or_default();
            let enqueued = failed.item().and_then(|item| item.get("enqueued")?.as_bool().ok()).is_some_and(|it| *it);
            let claim = Claim { order_id: claim.order_id, payload_hash, accepted_at };
            return Ok(Claimed::Known { claim, enqueued });
        }
        Err(ClaimError(CallFailure::of(&error)))
    }

    async fn confirm(&self, order_id: Uuid) -> Result<bool, ClaimError> {
        let call = self
            .client
            .update_item()
            .table_name(&*self.table)
            .key("orderId", AttributeValue::S(order_id.to_string()))
            // Never a record of this alone: one that expired meanwhile is not needed any more.
            .condition_expression("attribute_exists(orderId)")
            .update_expression("SET enqueued = :yes")
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .return_values(ReturnValue::UpdatedOld)
            .send();
        let before = Box::pin(call).await.map_err(|error| ClaimError(CallFailure::of(&error)))?;
        Ok(before.attributes().and_then(|old| old.get("enqueued")?.as_bool().ok()) != Some(&true))
    }
}
