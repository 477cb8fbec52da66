//! Is the message an order? If not, it never will be.

use aws_lambda_events::sqs::SqsMessage;
use order::QueueMessage;

use crate::ports::queue::DeadLetter;

pub(crate) fn run(record: &SqsMessage) -> Result<QueueMessage, DeadLetter> {
    QueueMessage::decode(record.body.as_deref().unwrap_or_default())
        .map_err(|error| DeadLetter { step: "decode", reason: format!("Undecodable: {error}") })
}
