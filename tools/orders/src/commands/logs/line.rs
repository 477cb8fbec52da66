//! A function's log line: of a step, or of a whole unit of work with its steps in it.

use jiff::Timestamp;
use serde::Deserialize;

/// What `telemetry` writes; Lambda's own lines and lines that are only metrics have no message.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Line {
    /// When it was written.
    pub timestamp: Option<Timestamp>,
    /// Of the log.
    pub level: String,
    /// The text.
    pub message: String,
    /// The function.
    #[serde(rename = "Service")]
    pub service: String,
    /// Of the invocation.
    pub request_id: Option<String>,
    /// As X-Ray writes it.
    pub trace_id: Option<String>,
    /// The order.
    pub order_id: Option<String>,
    /// Of the message, where one was handled.
    pub message_id: Option<String>,
    /// The step, or the unit's outermost one.
    pub step: String,
    /// How it went.
    pub outcome: String,
    /// How long it took.
    pub duration_ms: Option<f64>,
    /// The kind of failure.
    pub error_class: Option<String>,
    /// The failure in words.
    pub error: Option<String>,
    /// The call that the step made.
    pub aws_operation: Option<String>,
    /// How often the message has been received.
    pub receive_count: Option<u64>,
    /// Of a unit's line.
    pub steps: Vec<Step>,
}

/// A step within a unit's line; one that says nothing of its outcome went well.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// How long it took.
    pub ms: Option<f64>,
    /// How it went.
    pub outcome: Option<String>,
    /// The kind of failure.
    pub error_class: Option<String>,
}

/// The outermost steps: of an invocation behind the API, and of a message.
pub(crate) const REQUEST: &str = "handler";
pub(crate) const RECORD: &str = "record";

impl Line {
    /// One that a person reads, or `None`: no JSON, or metrics only.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str::<Self>(text).ok().filter(|line| !line.message.is_empty())
    }

    /// Of the whole request.
    pub(crate) fn is_request(&self) -> bool {
        self.step == REQUEST && self.service == "validator" && !self.outcome.is_empty()
    }

    /// Of one attempt at storing an order.
    pub(crate) fn is_attempt(&self) -> bool {
        self.step == RECORD && !self.outcome.is_empty()
    }

    pub(crate) fn failed(&self) -> bool {
        self.error_class.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read_and_metrics_are_not() {
        let step = Line::parse(
            r#"{"timestamp":"2026-11-25T10:00:00.123Z","level":"WARN","message":"work failed","Service":"processor","requestId":"r",
                "traceId":"1-2-3","spanId":"s","orderId":"o","step":"record","outcome":"fault","durationMs":12.5,"errorClass":"ServerFault",
                "error":"DynamoDB failed","messageId":"m","receiveCount":2}"#,
        )
        .unwrap();
        assert!(step.is_attempt() && step.failed() && step.steps.is_empty());
        assert_eq!((step.receive_count, step.message_id.as_deref()), (Some(2), Some("m")));
        let unit = Line::parse(
            r#"{"timestamp":"2026-11-25T10:00:00Z","level":"INFO","message":"work done","Service":"validator","orderId":"o","step":"handler",
                "outcome":"accepted","durationMs":7.1,"steps":[{"name":"parse","ms":0.1},{"name":"enqueue","ms":6.8,"outcome":"ok"}],
                "_aws":{"Timestamp":1,"CloudWatchMetrics":[]},"OrdersAccepted":1}"#,
        )
        .unwrap();
        assert!(unit.is_request() && !unit.failed());
        assert_eq!(unit.steps[1].ms, Some(6.8));
        assert_eq!(Line::parse(r#"{"_aws":{"Timestamp":1},"OrdersStored":1}"#), None);
        assert_eq!(Line::parse("START RequestId: 1 Version: $LATEST"), None);
    }
}
