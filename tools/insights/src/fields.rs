//! The fields that Insights finds in a log event.

use std::{collections::HashMap, fmt, sync::LazyLock};

use regex::Regex;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use crate::{event::Event, value::Value};

/// Of one event; what comes after is not found.
const MAX_FIELDS: usize = 200;

pub(crate) type Fields = HashMap<String, Value>;

pub(crate) fn discover(event: &Event<'_>) -> Fields {
    let group = event.log.split_once(':').map_or(event.log, |(_, group)| group);
    let of_lambda = group.starts_with("/aws/lambda/");
    let mut fields = Fields::from_iter(json(event.message, of_lambda).unwrap_or_default());
    if of_lambda {
        lambda(&mut fields, event.message);
    }
    for (name, value) in [
        ("@timestamp", Value::Time(event.timestamp)),
        ("@ingestionTime", Value::Time(event.ingestion_time)),
        ("@message", Value::text(event.message)),
        ("@logStream", Value::text(event.stream)),
        ("@log", Value::text(event.log)),
        ("@ptr", Value::text(event.pointer)),
    ] {
        fields.insert(name.into(), value);
    }
    fields
}

/// The event's fields, if it is a JSON object; of a Lambda function's event those of the first object that is somewhere in it.
fn json(message: &str, embedded: bool) -> Option<Vec<(String, Value)>> {
    if !embedded {
        let (found, rest) = object(message)?;
        return rest.trim().is_empty().then_some(found);
    }
    // A line of nothing but braces would be read from each of them to its end.
    message.match_indices('{').take(16).find_map(|(at, _)| Some(object(message.get(at..)?)?.0))
}

/// The fields of the object that a text begins with, and the text after it.
fn object(text: &str) -> Option<(Vec<(String, Value)>, &str)> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let mut found = Vec::new();
    let mut json = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    json.next()?.ok()?;
    let end = json.byte_offset();
    let (object, rest) = text.split_at_checked(end)?;
    Flatten { name: None, found: &mut found }.deserialize(&mut serde_json::Deserializer::from_str(object)).ok()?;
    Some((found, rest))
}

/// Reads JSON in the order it is written in: that decides which fields are the first 200.
struct Flatten<'f> {
    name: Option<String>,
    found: &'f mut Vec<(String, Value)>,
}

impl Flatten<'_> {
    fn inside(&mut self, key: &str) -> Flatten<'_> {
        let name = match &self.name {
            Some(name) => format!("{name}.{key}"),
            // A name that begins with @ is told from the service's own by a second one.
            None if key.starts_with('@') => format!("@{key}"),
            None => key.to_owned(),
        };
        Flatten { name: Some(name), found: self.found }
    }

    fn scalar(self, value: Value) {
        if let Some(name) = self.name.filter(|_| self.found.len() < MAX_FIELDS) {
            self.found.push((name, value));
        }
    }
}

impl<'de> DeserializeSeed<'de> for Flatten<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Flatten<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            map.next_value_seed(self.inside(&key))?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        for index in 0usize.. {
            if list.next_element_seed(self.inside(&index.to_string()))?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, truth: bool) -> Result<(), E> {
        self.scalar(Value::Bool(truth));
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.scalar(Value::text(number.to_string()));
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.scalar(Value::text(number.to_string()));
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        if let Some(number) = Number::from_f64(number) {
            self.scalar(Value::text(number.to_string()));
        }
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.scalar(Value::text(text));
        Ok(())
    }
}

/// What Lambda writes itself begins with one of these, and tells in the same words each time.
static REPORT: LazyLock<Vec<(&str, Regex, f64)>> = LazyLock::new(|| {
    [
        ("@duration", r"\bDuration: ([0-9.]+) ms", 1.0),
        ("@billedDuration", r"Billed Duration: ([0-9.]+) ms", 1.0),
        ("@initDuration", r"Init Duration: ([0-9.]+) ms", 1.0),
        // In bytes, by thousands: that is how AWS's own sample queries come back to megabytes.
        ("@memorySize", r"Memory Size: ([0-9]+) MB", 1e6),
        ("@maxMemoryUsed", r"Max Memory Used: ([0-9]+) MB", 1e6),
    ]
    .into_iter()
    .filter_map(|(name, pattern, unit)| Some((name, Regex::new(pattern).ok()?, unit)))
    .collect()
});

static REQUEST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let id = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
    Regex::new(&format!(r"^(?:(START|END|REPORT) RequestId: ({id})|[^\t{{]*\t(?:[^\t{{]*\t)?({id})\t)")).ok()
});

static TRACE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"XRAY TraceId: (1-[0-9a-f]{8}-[0-9a-f]{24})\s+SegmentId: ([0-9a-f]{16})").ok());

fn lambda(fields: &mut Fields, message: &str) {
    let Some(found) = REQUEST.as_ref().and_then(|regex| regex.captures(message)) else { return };
    if let Some(id) = found.get(2).or_else(|| found.get(3)) {
        fields.insert("@requestId".into(), Value::text(id.as_str()));
    }
    let Some(kind) = found.get(1) else { return };
    fields.insert("@type".into(), Value::text(kind.as_str()));
    if kind.as_str() != "REPORT" {
        return;
    }
    for (name, regex, unit) in REPORT.iter() {
        // "Billed Duration" and "Init Duration" end with the words of "Duration": that one comes first.
        let number = regex.captures(message).and_then(|found| found.get(1)?.as_str().parse::<f64>().ok());
        if let Some(number) = number {
            fields.insert((*name).into(), Value::Number(number * unit));
        }
    }
    if let Some(found) = TRACE.as_ref().and_then(|regex| regex.captures(message)) {
        fields.insert("@xrayTraceId".into(), Value::text(&found[1]));
        fields.insert("@xraySegmentId".into(), Value::text(&found[2]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(log: &str, message: &str) -> Fields {
        let pointer = "p";
        discover(&Event { timestamp: 1_000, ingestion_time: 2_000, message, stream: "s", log, pointer })
    }

    fn shown(fields: &Fields, name: &str) -> Option<String> {
        fields.get(name).and_then(Value::shown)
    }

    const ID: &str = "0b7b0a5c-1c39-4f0d-9d6b-1f5c0f3b7a11";

    /// The example of AWS's page on discovered fields.
    #[test]
    fn nested_fields_are_found_with_dots_and_places() {
        let message = r#"{"userIdentity": {"type": "IAMUser"}, "requestParameters": {"instancesSet": {"items": [{"instanceId": "i-abcde123"}]}}, "none": null}"#;
        let fields = fields("1:/app", message);
        assert_eq!(shown(&fields, "userIdentity.type").unwrap(), "IAMUser");
        assert_eq!(shown(&fields, "requestParameters.instancesSet.items.0.instanceId").unwrap(), "i-abcde123");
        assert!(!fields.contains_key("none"));
    }

    #[test]
    fn a_name_that_begins_with_an_at_gets_another() {
        let fields = fields("1:/app", r#"{"@example.com": 1, "@message": "fake"}"#);
        assert_eq!(shown(&fields, "@@example.com").unwrap(), "1");
        assert_eq!(shown(&fields, "@@message").unwrap(), "fake");
        assert!(shown(&fields, "@message").unwrap().contains("example.com"));
    }

    #[test]
    fn two_hundred_fields_are_found_and_no_more() {
        let many: Vec<_> = (0..250).map(|n| format!("\"f{n}\": {n}")).collect();
        let fields = fields("1:/app", &format!("{{{}}}", many.join(",")));
        assert!(fields.contains_key("f199") && !fields.contains_key("f200"));
    }

    #[test]
    fn a_report_tells_its_figures() {
        let message = format!(
            "REPORT RequestId: {ID}\tDuration: 12.34 ms\tBilled Duration: 57 ms\tMemory Size: 256 MB\t\
             Max Memory Used: 32 MB\tInit Duration: 44.10 ms\t\nXRAY TraceId: 1-6745e9a3-0123456789abcdef01234567\t\
             SegmentId: 0123456789abcdef\tSampled: true\t\n"
        );
        let fields = fields("1:/aws/lambda/f", &message);
        for (name, value) in [
            ("@type", "REPORT"),
            ("@requestId", ID),
            ("@duration", "12.34"),
            ("@billedDuration", "57"),
            ("@initDuration", "44.1"),
            ("@memorySize", "256000000"),
            ("@maxMemoryUsed", "32000000"),
            ("@xrayTraceId", "1-6745e9a3-0123456789abcdef01234567"),
            ("@xraySegmentId", "0123456789abcdef"),
        ] {
            assert_eq!(shown(&fields, name).as_deref(), Some(value), "{name}");
        }
    }

    #[test]
    fn start_and_end_have_a_type_and_a_functions_own_lines_have_none() {
        let start = fields("1:/aws/lambda/f", &format!("START RequestId: {ID} Version: $LATEST"));
        assert_eq!(shown(&start, "@type").unwrap(), "START");
        let node = fields("1:/aws/lambda/f", &format!("2024-01-01T00:00:00.000Z\t{ID}\tINFO\thello"));
        assert_eq!((shown(&node, "@requestId").as_deref(), shown(&node, "@type")), (Some(ID), None));
        let elsewhere = fields("1:/app", &format!("START RequestId: {ID} Version: $LATEST"));
        assert!(!elsewhere.contains_key("@type"));
    }

    #[test]
    fn the_first_object_in_a_lambda_line_is_found_and_elsewhere_only_whole_lines() {
        let message = r#"INFO {oops} {"a": {"b": 1}} {"a": {"b": 2}}"#;
        assert_eq!(shown(&fields("1:/aws/lambda/f", message), "a.b").unwrap(), "1");
        assert!(!fields("1:/app", message).contains_key("a.b"));
        assert!(!fields("1:/aws/lambda/f", &"{".repeat(100_000)).contains_key("a"));
    }
}
