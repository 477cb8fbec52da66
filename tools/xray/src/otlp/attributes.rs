//! Attributes as JSON, taken out one by one: what nobody takes is metadata.

use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use serde_json::{Map, Value};

use super::hex;

#[derive(Debug, Clone, Default)]
pub(super) struct Attributes(Map<String, Value>);

impl Attributes {
    pub(super) fn read(pairs: Vec<KeyValue>) -> Self {
        Self(pairs.into_iter().filter_map(|pair| Some((pair.key, json(pair.value?)?))).collect())
    }

    pub(super) fn all(&self) -> &Map<String, Value> {
        &self.0
    }

    pub(super) fn into_rest(self) -> Map<String, Value> {
        self.0
    }

    /// The first that is there; instrumentations of different ages name one thing differently.
    pub(super) fn text(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| self.0.get(*name)?.as_str())
    }

    pub(super) fn is(&self, name: &str, value: &str) -> bool {
        self.text(&[name]) == Some(value)
    }

    /// The same, and it is no metadata any more.
    pub(super) fn take(&mut self, names: &[&str]) -> Option<Value> {
        let mut taken = None;
        for name in names {
            let value = self.0.remove(*name);
            taken = taken.or(value);
        }
        taken
    }

    pub(super) fn take_text(&mut self, names: &[&str]) -> Option<String> {
        match self.take(names)? {
            Value::String(text) => Some(text),
            Value::Null => None,
            other => Some(other.to_string()),
        }
    }

    /// All with this beginning, without it.
    pub(super) fn take_prefixed(&mut self, prefix: &str) -> Vec<(String, Value)> {
        let names: Vec<String> = self.0.keys().filter(|name| name.starts_with(prefix)).cloned().collect();
        names.into_iter().filter_map(|name| Some((name[prefix.len()..].to_owned(), self.0.remove(&name)?))).collect()
    }
}

/// None for a value that is not set.
pub(super) fn json(value: AnyValue) -> Option<Value> {
    Some(match value.value? {
        any_value::Value::StringValue(text) => Value::from(text),
        any_value::Value::BoolValue(flag) => Value::from(flag),
        any_value::Value::IntValue(number) => Value::from(number),
        // Infinities and NaN are no JSON.
        any_value::Value::DoubleValue(number) => {
            serde_json::Number::from_f64(number).map_or_else(|| Value::from(number.to_string()), Value::Number)
        }
        any_value::Value::ArrayValue(array) => array.values.into_iter().filter_map(json).collect(),
        any_value::Value::KvlistValue(list) => Value::Object(Attributes::read(list.values).0),
        any_value::Value::BytesValue(bytes) => Value::from(hex(&bytes)),
        // Of profiles only.
        any_value::Value::StringValueStrindex(_) => return None,
    })
}
