//! The port to the queue, and SQS behind it.

use std::sync::Arc;

use aws_sdk_sqs::Client;
use function_config::{CallFailure, TellStep, Unanswered, carry_trace, rehearsing};
use telemetry::AwsCall;

/// Where accepted orders go.
pub trait Queue {
    /// The call that `send` makes, for the trace.
    fn call(&self) -> AwsCall;

    /// Returns once the queue has confirmed the message, which carries the running step's trace context.
    fn send(&self, body: String) -> impl Future<Output = Result<(), EnqueueError>> + Send;
}

/// The queue has not confirmed the message.
#[derive(Debug, thiserror::Error)]
#[error("SQS SendMessage: {failure}")]
pub struct EnqueueError {
    /// Of the last attempt.
    pub failure: CallFailure,
    /// The message may be in the queue all the same: an attempt had no answer that says it is not.
    pub unknown: bool,
}

impl From<CallFailure> for EnqueueError {
    fn from(failure: CallFailure) -> Self {
        Self { failure, unknown: failure.kind.leaves_open() }
    }
}

/// An SQS queue.
#[derive(Debug, Clone)]
pub struct SqsQueue {
    client: Client,
    url: Arc<str>,
}

impl SqsQueue {
    /// The queue of that URL.
    pub fn new(sdk: &aws_config::SdkConfig, url: &str) -> Self {
        let config = aws_sdk_sqs::config::Builder::from(sdk).interceptor(TellStep).build();
        Self { client: Client::from_conf(config), url: url.into() }
    }

    /// Does the work that only a first call has, to nobody.
    pub async fn rehearse(sdk: &aws_config::SdkConfig, url: &str) {
        // Should it fail, the first order does that work.
        let _nobody_heard = Self::new(&rehearsing(sdk), url).send("{}".into()).await;
    }
}

impl Queue for SqsQueue {
    fn call(&self) -> AwsCall {
        AwsCall::sqs("SendMessage", &self.url)
    }

    async fn send(&self, body: String) -> Result<(), EnqueueError> {
        let message = self.client.send_message().queue_url(&*self.url).message_body(body);
        let message = carry_trace(message, 0)?;
        let unanswered = Unanswered::default();
        // On the heap: the SDK's future is kilobytes, which each future around it would carry, and move.
        Box::pin(message.customize().interceptor(unanswered.clone()).send()).await.map(drop).map_err(|error| {
            let error = EnqueueError::from(CallFailure::of(&error));
            EnqueueError { unknown: error.unknown || unanswered.any(), ..error }
        })
    }
}

#[cfg(test)]
mod tests {
    use aws_config::{BehaviorVersion, SdkConfig};
    use function_config::Env;

    use super::*;
    use crate::{DynamoClaims, Request, Validator};

    #[test]
    fn the_future_of_an_order_is_small() {
        let sdk = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).build();
        let env = Env::from([("MAX_MESSAGE_BYTES", "1"), ("RETRY_AFTER_S", "1")]);
        let validator = Validator::new(SqsQueue::new(&sdk, "queue"), None::<DynamoClaims>, &env).unwrap();
        let request: Request = serde_json::from_str("{}").unwrap();
        let bytes = size_of_val(&validator.handle(request));
        assert!(bytes <= 8192, "{bytes} bytes: is a call to AWS boxed?");
    }
}
