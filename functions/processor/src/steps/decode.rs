//! Is the message an order? If not, it never will be.

use aws_lambda_events::sqs::SqsMessage;
use order::QueueMessage;
use telemetry::{CorrelationId, Step, step};

use crate::failure::{Failure, Reason};

const STEP: &str = "decode";

pub(crate) fn run(record: &SqsMessage) -> Result<QueueMessage, Failure> {
    Step::new(STEP).run_sync(|| {
        let message = QueueMessage::decode(record.body.as_deref().unwrap_or_default())
            .map_err(|error| Failure { step: STEP, reason: Reason::Undecodable(error) })?;
        if let Ok(id) = CorrelationId::new(&message.order_id.to_string()) {
            step::correlate(id);
        }
        Ok(message)
    })
}
