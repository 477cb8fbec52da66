//! No retry will help: to the dead-letter queue at once, with the reason.

use aws_lambda_events::sqs::SqsMessage;
use telemetry::{Step, step};

use crate::{
    failure::Failure,
    ports::queue::{QueueError, Queues},
};

pub(crate) async fn run<Q: Queues>(queues: &Q, record: &SqsMessage, why: &Failure) -> Result<(), QueueError> {
    Step::new("dead-letter")
        .aws(queues.dead_letter_call())
        .run(async {
            queues.move_to_dead_letters(record, why).await?;
            step::outcome("moved");
            Ok(())
        })
        .await
}
