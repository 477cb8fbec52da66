//! The trace as a tree, ready to be drawn or handed on as JSON.

use serde::Serialize;
use serde_json::{Map, Value};

/// A trace. Times are milliseconds; offsets count from the trace's start.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trace {
    /// X-Ray trace id; empty if no document told it.
    pub trace_id: String,
    /// Start of the earliest span, epoch seconds.
    pub start_time: f64,
    /// From the earliest start to the latest known end.
    pub duration_ms: f64,
    /// The root's.
    pub outcome: Outcome,
    /// Spans without a parent in the trace, by start.
    pub roots: Vec<Span>,
    /// Log lines of the trace that name no span in it, by time.
    pub logs: Vec<LogLine>,
    /// What [`Trace::focus`] has left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rest: Option<Rest>,
}

/// A segment or subsegment.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Span {
    /// Its id.
    pub id: String,
    /// Segment or subsegment.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Type of resource of a segment, for example `AWS::Lambda::Function`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// Operation of an AWS call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// What an AWS call was made on: a table's name, a queue's URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// Status of its HTTP response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<i64>,
    /// From the trace's start.
    pub start_ms: f64,
    /// None while in progress.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<f64>,
    /// How it went.
    pub outcome: Outcome,
    /// Why it failed: `Type: message`, one an exception.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<String>,
    /// Indexed key-value pairs.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub annotations: Map<String, Value>,
    /// X-Ray made it up: the callee sent no segment.
    pub inferred: bool,
    /// The local stack wrote it in AWS's place.
    pub supplied: bool,
    /// It repeats failed work, or was repeated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<Attempt>,
    /// It moved a message to the dead-letter queue.
    pub dead_letter: bool,
    /// What it did and called, by start.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Span>,
    /// Its log lines, by time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<LogLine>,
}

/// What a span was sent as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// Work of a service.
    Segment,
    /// A step or a call inside it.
    Subsegment,
}

/// How a span went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Nothing went wrong.
    Ok,
    /// 4xx.
    Error,
    /// 429.
    Throttle,
    /// 5xx.
    Fault,
    /// It has not ended, as far as is known.
    InProgress,
}

/// Which try of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// From 1.
    pub number: usize,
    /// In the trace so far.
    pub of: usize,
}

/// A log line of the trace.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogLine {
    /// From the trace's start; none if the line tells no readable time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset_ms: Option<f64>,
    /// As written.
    pub level: String,
    /// As written.
    pub message: String,
    /// The step it tells of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// How that went.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// How long that took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<f64>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The work that was left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rest {
    /// Pieces of work, each with all that it caused.
    pub branches: usize,
    /// Those with a failure in them.
    pub failed: usize,
    /// Their spans.
    pub spans: usize,
}

impl Trace {
    /// Every span, parents before children.
    pub fn spans(&self) -> impl Iterator<Item = &Span> {
        let mut stack: Vec<&Span> = self.roots.iter().rev().collect();
        std::iter::from_fn(move || {
            let span = stack.pop()?;
            stack.extend(span.children.iter().rev());
            Some(span)
        })
    }
}

impl Outcome {
    /// One word, as the waterfall shows it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Throttle => "throttle",
            Self::Fault => "fault",
            Self::InProgress => "running",
        }
    }
}
