//! Places log lines under the spans they belong to.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::model::{LogLine, Span, Trace};

/// What became of the lines that were not placed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LogReport {
    /// Placed under a span.
    pub placed: usize,
    /// Of this trace, but of no span in it.
    pub unplaced: usize,
    /// Of another trace, or of none.
    pub other_trace: usize,
    /// Not a JSON object: a runtime's own line, for example.
    pub unreadable: usize,
}

impl Trace {
    /// Adds the log lines of the trace (JSON objects with `traceId` and `spanId`); others are counted and left out.
    pub fn add_logs<I>(&mut self, lines: I) -> LogReport
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut report = LogReport::default();
        let mut by_span: HashMap<String, Vec<LogLine>> = HashMap::new();
        for line in lines {
            let Ok(fields) = serde_json::from_str::<Map<String, Value>>(line.as_ref()) else {
                report.unreadable += 1;
                continue;
            };
            let text = |name: &str| fields.get(name).and_then(Value::as_str);
            if !text("traceId").is_some_and(|id| same_trace(id, &self.trace_id)) {
                report.other_trace += 1;
                continue;
            }
            let span_id = text("spanId").unwrap_or_default().to_owned();
            by_span.entry(span_id).or_default().push(read(&fields, self.start_time));
        }
        report.placed = self.roots.iter_mut().map(|root| place(root, &mut by_span)).sum();
        let rest: Vec<LogLine> = by_span.into_values().flatten().collect();
        report.unplaced = rest.len();
        self.logs.extend(rest);
        sort(&mut self.logs);
        report
    }
}

/// X-Ray's form and W3C's are the same id.
fn same_trace(a: &str, b: &str) -> bool {
    let plain = |id: &str| match id.strip_prefix("1-") {
        Some(rest) => rest.replacen('-', "", 1),
        None => id.to_owned(),
    };
    plain(a) == plain(b)
}

fn read(fields: &Map<String, Value>, start_time: f64) -> LogLine {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    LogLine {
        offset_ms: fields.get("timestamp").and_then(epoch_seconds).map(|at| (at - start_time) * 1000.0),
        level: text("level").unwrap_or_default(),
        message: text("message").unwrap_or_default(),
        step: text("step"),
        outcome: text("outcome"),
        duration_ms: fields.get("durationMs").and_then(Value::as_f64),
        error: text("error").or_else(|| text("errorClass")),
    }
}

/// RFC 3339, or epoch milliseconds as CloudWatch Logs counts them.
fn epoch_seconds(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => {
            let at: Timestamp = text.parse().ok()?;
            Some(at.as_nanosecond() as f64 / 1e9)
        }
        Value::Number(number) => Some(number.as_f64()? / 1000.0),
        _ => None,
    }
}

fn place(span: &mut Span, by_span: &mut HashMap<String, Vec<LogLine>>) -> usize {
    let own = by_span.remove(&span.id).unwrap_or_default();
    let count = own.len();
    span.logs.extend(own);
    sort(&mut span.logs);
    count + span.children.iter_mut().map(|child| place(child, by_span)).sum::<usize>()
}

fn sort(lines: &mut [LogLine]) {
    let key = |line: &LogLine| line.offset_ms.unwrap_or(f64::MAX);
    lines.sort_by(|a, b| key(a).total_cmp(&key(b)));
}
