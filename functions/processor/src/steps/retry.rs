//! A retry may help: the record goes back, and is shown again sooner than its visibility timeout would.

use aws_lambda_events::sqs::SqsMessage;
use telemetry::{Step, step};

use crate::ports::queue::{QueueError, Queues};

/// Doubles with each receive, from `base_s` to `max_s`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Backoff {
    pub(crate) base_s: u64,
    pub(crate) max_s: u64,
}

impl Backoff {
    fn after(self, receives: u64) -> u64 {
        let doublings = u32::try_from(receives.saturating_sub(1)).unwrap_or(u32::MAX);
        self.base_s.saturating_mul(1u64.checked_shl(doublings).unwrap_or(u64::MAX)).min(self.max_s)
    }
}

/// A failure here costs only time: the visibility timeout brings the record back too.
pub(crate) async fn run<Q: Queues>(
    queues: &Q,
    record: &SqsMessage,
    receives: u64,
    backoff: Backoff,
) -> Result<(), QueueError> {
    let after_s = backoff.after(receives);
    Step::new("retry")
        .aws(queues.retry_call())
        .field("afterSeconds", after_s)
        .run(async {
            queues.show_again(record, after_s).await?;
            step::outcome("delayed");
            Ok(())
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_receive_doubles_the_wait_up_to_the_limit() {
        let backoff = Backoff { base_s: 2, max_s: 60 };
        assert_eq!([0, 1, 2, 3, 6, 40, u64::MAX].map(|receives| backoff.after(receives)), [2, 2, 4, 8, 60, 60, 60]);
    }
}
