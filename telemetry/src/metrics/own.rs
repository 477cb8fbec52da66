//! The metrics this crate emits itself.

use metrique::unit_of_work::metrics;

use super::Counter;

/// Once per invocation, by `Service` and `Environment`.
#[metrics(rename_all = "PascalCase")]
#[derive(Debug, Default)]
pub(crate) struct InvocationMetrics {
    /// 1 in the first invocation of an execution environment.
    pub(crate) cold_start: Counter,
    /// What telemetry lost: documents, records, lines, fields.
    pub(crate) telemetry_dropped: Counter,
}

/// From SQS's acceptance of a message to the begin of its processing, for each record of a batch.
pub(crate) const QUEUE_WAIT: &str = "QueueWait";

/// The metric of a step's durations: `dead-letter` is `DeadLetterDuration`. Of a step without a name it is none that CloudWatch takes.
pub(crate) fn step_metric(step: &str) -> String {
    let mut name = String::with_capacity(step.len() + 8);
    let mut first = true;
    for char in step.chars() {
        if !char.is_alphanumeric() {
            first = true;
        } else if std::mem::take(&mut first) {
            name.extend(char.to_uppercase());
        } else {
            name.push(char);
        }
    }
    if !name.is_empty() {
        name.push_str("Duration");
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steps_metric_is_named_as_metrics_are() {
        for (step, metric) in
            [("parse", "ParseDuration"), ("dead-letter", "DeadLetterDuration"), ("GET /orders", "GETOrdersDuration")]
        {
            assert_eq!(step_metric(step), metric);
        }
    }
}
