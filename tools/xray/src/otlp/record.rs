//! A span as Transaction Search keeps it in CloudWatch Logs.

use opentelemetry_proto::tonic::{
    common::v1::InstrumentationScope,
    trace::v1::{Span, span::SpanKind, status::StatusCode},
};
use serde_json::{Value, json};

use super::{attributes::Attributes, hex};

pub(super) fn of(span: &Span, resource: &Attributes, scope: Option<&InstrumentationScope>) -> Value {
    let attributes = |pairs: &[_]| Attributes::read(pairs.to_vec()).into_rest();
    let mut record = json!({
        "resource": {"attributes": resource.all()},
        "traceId": hex(&span.trace_id),
        "spanId": hex(&span.span_id),
        "flags": span.flags,
        "name": span.name,
        "kind": kind(span.kind()),
        "startTimeUnixNano": span.start_time_unix_nano,
        "endTimeUnixNano": span.end_time_unix_nano,
        "durationNano": span.end_time_unix_nano.saturating_sub(span.start_time_unix_nano),
        "attributes": attributes(&span.attributes),
        "status": status(span),
    });
    if let Some(scope) = scope {
        record["scope"] = json!({"name": scope.name, "version": scope.version});
    }
    if !span.parent_span_id.is_empty() {
        record["parentSpanId"] = json!(hex(&span.parent_span_id));
    }
    if !span.events.is_empty() {
        let events = span.events.iter().map(|event| {
            json!({"timeUnixNano": event.time_unix_nano, "name": event.name, "attributes": attributes(&event.attributes)})
        });
        record["events"] = events.collect();
    }
    if !span.links.is_empty() {
        let links = span.links.iter().map(|link| {
            json!({"traceId": hex(&link.trace_id), "spanId": hex(&link.span_id), "attributes": attributes(&link.attributes)})
        });
        record["links"] = links.collect();
    }
    record
}

fn kind(kind: SpanKind) -> &'static str {
    match kind {
        SpanKind::Server => "SERVER",
        SpanKind::Client => "CLIENT",
        SpanKind::Producer => "PRODUCER",
        SpanKind::Consumer => "CONSUMER",
        SpanKind::Internal | SpanKind::Unspecified => "INTERNAL",
    }
}

fn status(span: &Span) -> Value {
    match span.status.as_ref() {
        Some(status) if status.code() == StatusCode::Error => json!({"code": "ERROR", "message": status.message}),
        Some(status) if status.code() == StatusCode::Ok => json!({"code": "OK"}),
        _ => json!({"code": "UNSET"}),
    }
}
