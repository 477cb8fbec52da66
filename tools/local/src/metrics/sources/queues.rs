//! AWS/SQS.

use super::Points;
use crate::{emulator::QueueState, metrics::clock::Clock};

const NAMESPACE: &str = "AWS/SQS";

pub(super) fn sent(points: &mut Points, queue: &str, bytes: f64) {
    points.add(NAMESPACE, "NumberOfMessagesSent", "Count", &[("QueueName", queue)], 1.0);
    points.add(NAMESPACE, "SentMessageSize", "Bytes", &[("QueueName", queue)], bytes);
}

pub(super) fn received(points: &mut Points, queue: &str, count: f64) {
    let empty = f64::from(u8::from(count == 0.0));
    points.add(NAMESPACE, "NumberOfMessagesReceived", "Count", &[("QueueName", queue)], count);
    points.add(NAMESPACE, "NumberOfEmptyReceives", "Count", &[("QueueName", queue)], empty);
}

pub(super) fn deleted(points: &mut Points, queue: &str, count: f64) {
    points.add(NAMESPACE, "NumberOfMessagesDeleted", "Count", &[("QueueName", queue)], count);
}

/// Once a minute. The counts are zeros in a quiet minute; the age is there only if a message is.
pub(super) fn state(points: &mut Points, state: &QueueState, clock: &Clock, at: f64) {
    let dimensions = [("QueueName", state.queue.as_str())];
    for (name, value) in [
        ("ApproximateNumberOfMessagesVisible", state.visible),
        ("ApproximateNumberOfMessagesNotVisible", state.in_flight),
        ("ApproximateNumberOfMessagesDelayed", state.delayed),
    ] {
        points.add(NAMESPACE, name, "Count", &dimensions, value);
    }
    for name in ["NumberOfMessagesSent", "NumberOfMessagesReceived", "NumberOfMessagesDeleted", "NumberOfEmptyReceives"]
    {
        points.add(NAMESPACE, name, "Count", &dimensions, 0.0);
    }
    if let Some(oldest) = state.oldest {
        let age = (clock.at(at) - clock.at(oldest)).max(0.0).floor();
        points.add(NAMESPACE, "ApproximateAgeOfOldestMessage", "Seconds", &dimensions, age);
    }
}
