//! A retry may help: the record goes back, and is shown again sooner than its visibility timeout would.

use aws_lambda_events::sqs::SqsMessage;

use crate::ports::queue::Queues;

/// Doubles with each receive, from `base_s` to `max_s`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Backoff {
    pub(crate) base_s: u64,
    pub(crate) max_s: u64,
}

impl Backoff {
    fn after(self, receives: u32) -> i32 {
        let doubled = self.base_s.saturating_mul(1u64.checked_shl(receives.saturating_sub(1)).unwrap_or(u64::MAX));
        i32::try_from(doubled.min(self.max_s)).unwrap_or(i32::MAX)
    }
}

pub(crate) async fn run<Q: Queues>(queues: &Q, record: &SqsMessage, backoff: Backoff) {
    let receives = record.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok()).unwrap_or(1);
    if let Err(error) = queues.show_again(record, backoff.after(receives)).await {
        // Then the visibility timeout brings it back, only later.
        tracing::warn!(messageId = record.message_id, %error, "no early retry");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_receive_doubles_the_wait_up_to_the_limit() {
        let backoff = Backoff { base_s: 2, max_s: 60 };
        assert_eq!([1, 2, 3, 6, 40, u32::MAX].map(|receives| backoff.after(receives)), [2, 4, 8, 60, 60, 60]);
    }
}
