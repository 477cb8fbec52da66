//! No retry will help: to the dead-letter queue at once, with the reason.

use aws_lambda_events::sqs::SqsMessage;

use crate::{
    handler::Outcome,
    ports::queue::{DeadLetter, Queues},
};

pub(crate) async fn run<Q: Queues>(queues: &Q, record: &SqsMessage, why: DeadLetter) -> Outcome {
    match queues.move_to_dead_letters(record, &why).await {
        Ok(()) => Outcome::Moved(why),
        // Nothing is lost: the queue's own redrive brings it there after its receives are spent.
        Err(error) => {
            Outcome::Retry { step: why.step, cause: format!("{}; and the dead-letter queue: {error}", why.reason) }
        }
    }
}
