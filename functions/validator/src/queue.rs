//! The port to the queue, and SQS behind it.

use aws_sdk_sqs::Client;
use function_config::CallFailure;

/// Where accepted orders go.
pub trait Queue {
    /// Returns once the queue has confirmed the message.
    fn send(&self, body: String) -> impl Future<Output = Result<(), EnqueueError>> + Send;
}

/// The queue has not confirmed the message.
#[derive(Debug, thiserror::Error)]
#[error("SQS SendMessage: {0}")]
pub struct EnqueueError(pub CallFailure);

/// An SQS queue.
#[derive(Debug, Clone)]
pub struct SqsQueue {
    client: Client,
    url: String,
}

impl SqsQueue {
    /// The queue of that URL.
    pub fn new(client: Client, url: impl Into<String>) -> Self {
        Self { client, url: url.into() }
    }
}

impl Queue for SqsQueue {
    async fn send(&self, body: String) -> Result<(), EnqueueError> {
        let sent = self.client.send_message().queue_url(&self.url).message_body(body).send().await;
        sent.map(drop).map_err(|error| EnqueueError(CallFailure::of(&error)))
    }
}
