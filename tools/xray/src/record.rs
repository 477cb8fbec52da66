//! An X-Ray span as Transaction Search keeps it in CloudWatch Logs: in OpenTelemetry's form.
//!
//! Attributes have the names that the OpenTelemetry Collector's receiver for X-Ray gives them.

use serde_json::{Map, Value, json};

use crate::document::{Span, SpanKind};

/// The log group that Transaction Search keeps spans in.
pub const LOG_GROUP: &str = "aws/spans";

pub(crate) fn of(trace_id: &str, span: &Span) -> Value {
    let end = span.end.unwrap_or(span.start);
    let mut record = json!({
        "resource": {"attributes": resource(span)},
        "traceId": w3c_id(trace_id),
        "spanId": span.id,
        "flags": 1,
        "name": span.name,
        "kind": kind(span),
        "startTimeUnixNano": nanos(span.start),
        "endTimeUnixNano": nanos(end),
        "durationNano": nanos(end).saturating_sub(nanos(span.start)),
        "attributes": attributes(span),
        "status": {"code": if span.ok() { "UNSET" } else { "ERROR" }},
    });
    if let Some(parent) = &span.parent_id {
        record["parentSpanId"] = json!(parent);
    }
    let events: Vec<Value> = span
        .exceptions()
        .into_iter()
        .map(|exception| {
            let attributes = [("exception.type", exception.kind), ("exception.message", exception.message)];
            let attributes: Map<String, Value> =
                attributes.into_iter().filter_map(|(name, text)| Some((name.to_owned(), json!(text?)))).collect();
            json!({"timeUnixNano": nanos(end), "name": "exception", "attributes": attributes})
        })
        .collect();
    if !events.is_empty() {
        record["events"] = Value::Array(events);
    }
    record
}

/// Without X-Ray's dashes and version.
fn w3c_id(trace_id: &str) -> String {
    trace_id.strip_prefix("1-").unwrap_or(trace_id).replacen('-', "", 1)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "nanoseconds since 1970 until 2554")]
fn nanos(seconds: f64) -> u64 {
    // Microseconds are what a float of seconds still tells.
    (seconds * 1e6).round() as u64 * 1000
}

fn kind(span: &Span) -> &'static str {
    match (span.kind, span.namespace()) {
        (SpanKind::Segment, _) => "SERVER",
        (SpanKind::Subsegment, Some(_)) => "CLIENT",
        (SpanKind::Subsegment, None) => "INTERNAL",
    }
}

fn resource(span: &Span) -> Map<String, Value> {
    let mut resource = Map::new();
    if span.kind == SpanKind::Segment {
        resource.insert("service.name".to_owned(), json!(span.name));
    }
    if let Some(account) = span.text(&["aws", "account_id"]) {
        resource.insert("cloud.account.id".to_owned(), json!(account));
    }
    resource
}

fn attributes(span: &Span) -> Map<String, Value> {
    let mut attributes: Map<String, Value> =
        span.annotations().map(|(key, value)| (key.to_owned(), value.clone())).collect();
    let annotations: Vec<&str> = span.annotations().map(|(key, _)| key).collect();
    if !annotations.is_empty() {
        attributes.insert("aws.xray.annotations".to_owned(), json!(annotations));
    }
    for (name, path) in [
        ("aws.xray.origin", &["origin"][..]),
        ("http.request.method", &["http", "request", "method"]),
        ("url.full", &["http", "request", "url"]),
        ("http.response.status_code", &["http", "response", "status"]),
        ("aws.operation", &["aws", "operation"]),
        ("aws.request_id", &["aws", "request_id"]),
        ("aws.queue.url", &["aws", "queue_url"]),
        ("aws.table.name", &["aws", "table_name"]),
        ("db.statement", &["sql", "sanitized_query"]),
    ] {
        if let Some(value) = span.at(path) {
            attributes.insert(name.to_owned(), value.clone());
        }
    }
    for (namespace, value) in span.at(&["metadata"]).and_then(Value::as_object).into_iter().flatten() {
        attributes.insert(format!("aws.xray.metadata.{namespace}"), json!(value.to_string()));
    }
    attributes
}
