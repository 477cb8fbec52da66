//! The answer of `aws cloudwatch describe-alarms`, as the CLI and the SDKs spell it.

use serde_json::{Map, Value};

use super::{Found, Kind, Place, definition};

const LISTS: [&str; 3] = ["MetricAlarms", "CompositeAlarms", "LogAlarms"];

/// Whether it is one, or the answer of `get-alarm-mute-rule`.
pub(super) fn is(value: &Value) -> bool {
    let Some(map) = value.as_object() else { return false };
    let holds = |(key, value): (&String, &Value)| {
        let key = pascal_word(key);
        (LISTS.contains(&key.as_str()) && value.is_array()) || key == "AlarmMuteRuleArn"
    };
    map.iter().any(holds)
}

pub(super) fn read(value: &Value, found: &mut Found) {
    let value = pascal(value);
    for alarm in value["LogAlarms"].as_array().into_iter().flatten() {
        found.not_supported(definition::text(alarm, "AlarmName").unwrap_or("(no name)"), "not supported: a log alarm");
    }
    let alone = value["AlarmMuteRuleArn"].is_string().then_some(&value);
    for rule in value["AlarmMuteRules"].as_array().into_iter().flatten().chain(alone) {
        let name = definition::text(rule, "Name").unwrap_or_default();
        let place = Place::of_arn(definition::text(rule, "AlarmMuteRuleArn").unwrap_or_default());
        found.add(place, Kind::Mute, rule, name, name, name);
    }
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
