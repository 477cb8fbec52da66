//! Removes what the segment document schema does not know, as X-Ray does when it compiles a trace.

use serde_json::{Map, Value};

use super::{MAX_TEXT, SpanKind};

type Rule = fn(&Value) -> bool;

fn text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.chars().count() <= MAX_TEXT)
}

fn exception_id_or_object(value: &Value) -> bool {
    value.is_object() || value.as_str().is_some_and(super::is_segment_id)
}

fn namespace(value: &Value) -> bool {
    matches!(value.as_str(), Some("aws" | "remote"))
}

/// Fields of segments and subsegments, each with the form it must have.
const COMMON: &[(&str, Rule)] = &[
    ("id", Value::is_string),
    ("name", Value::is_string),
    ("start_time", Value::is_number),
    ("end_time", Value::is_number),
    ("in_progress", Value::is_boolean),
    ("fault", Value::is_boolean),
    ("error", Value::is_boolean),
    ("throttle", Value::is_boolean),
    ("http", Value::is_object),
    ("aws", Value::is_object),
    ("annotations", Value::is_object),
    ("metadata", Value::is_object),
    ("cause", exception_id_or_object),
    // Not in the published schema; the OpenTelemetry collector sends it and X-Ray keeps it.
    ("links", Value::is_array),
];
const SEGMENT: &[(&str, Rule)] =
    &[("service", Value::is_object), ("user", text), ("origin", text), ("resource_arn", Value::is_string)];
const SUBSEGMENT: &[(&str, Rule)] =
    &[("namespace", namespace), ("precursor_ids", Value::is_array), ("sql", Value::is_object)];
/// Held outside the body, and written back when the trace is compiled.
const STRUCTURAL: &[&str] = &["trace_id", "parent_id", "type"];

/// Cleans a body in place; how many fields were removed because they broke the schema.
pub(super) fn clean(body: &mut Map<String, Value>, kind: SpanKind) -> usize {
    let own = match kind {
        SpanKind::Segment => SEGMENT,
        SpanKind::Subsegment => SUBSEGMENT,
    };
    let mut removed = 0;
    body.retain(|field, value| {
        if STRUCTURAL.contains(&field.as_str()) {
            return false;
        }
        let rule = COMMON.iter().chain(own).find(|(name, _)| name == field);
        // SDKs write an absent field as null or as an empty string: nothing is lost with those.
        let empty = value.is_null() || value.as_str() == Some("");
        let keep = !empty && rule.is_some_and(|(_, holds)| holds(value));
        removed += usize::from(!keep && !empty);
        keep
    });
    if body.get("in_progress") == Some(&Value::Bool(false)) {
        body.remove("in_progress");
    }
    if let Some(Value::Object(annotations)) = body.get_mut("annotations") {
        let before = annotations.len();
        annotations.retain(|_, value| value.is_string() || value.is_number() || value.is_boolean());
        removed += before - annotations.len();
    }
    removed
}
