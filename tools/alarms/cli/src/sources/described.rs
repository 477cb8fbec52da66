//! The answer of `aws cloudwatch describe-alarms`, as the CLI and the SDKs spell it.

use super::{Found, Kind, Place, definition};
use serde_json::{Map, Value};

/// Whether it is one.
pub(super) fn is(value: &Value) -> bool {
    ["MetricAlarms", "CompositeAlarms", "metricAlarms", "compositeAlarms", "metric_alarms", "composite_alarms"]
        .iter()
        .any(|key| value[*key].is_array())
}

pub(super) fn read(value: &Value, found: &mut Found) {
    let value = pascal(value);
    for (list, kind) in [("MetricAlarms", Kind::Metric), ("CompositeAlarms", Kind::Composite)] {
        for alarm in value[list].as_array().into_iter().flatten() {
            let arn = definition::text(alarm, "AlarmArn").unwrap_or_default();
            let named = definition::text(alarm, "AlarmName").or_else(|| arn.splitn(7, ':').nth(6));
            let Some(name) = named else {
                found.not_supported("(no name)", "AlarmName is missing");
                continue;
            };
            found.add(Place::of_arn(arn), kind, alarm, name, name, name);
        }
    }
}

/// `alarm_name` and `alarmName` to `AlarmName`, in every object but those that hold nobody's names but AWS's.
pub(super) fn pascal(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(pascal).collect()),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(key, value)| (pascal_word(key), pascal(value))).collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

pub(super) fn pascal_word(key: &str) -> String {
    let words = key.split('_').filter(|word| !word.is_empty());
    let word: String = words
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
        })
        .collect();
    match word.as_str() {
        "OkActions" => "OKActions".to_owned(),
        _ => word,
    }
}
