//! The table's items as JSON.

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Number, Value};

pub(crate) fn plain(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => Value::from(text.as_str()),
        AttributeValue::N(digits) => number(digits),
        AttributeValue::Bool(yes) => Value::from(*yes),
        AttributeValue::L(list) => list.iter().map(plain).collect(),
        AttributeValue::M(map) => {
            Value::Object(map.iter().map(|(name, value)| (name.clone(), plain(value))).collect::<Map<_, _>>())
        }
        other => Value::from(format!("{other:?}")),
    }
}

/// As a JSON number if that has the same digits, as text otherwise: an amount is never rounded.
fn number(digits: &str) -> Value {
    match serde_json::from_str::<Number>(digits) {
        Ok(number) if number.to_string() == digits => Value::Number(number),
        _ => Value::from(digits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_never_rounded() {
        assert_eq!(plain(&AttributeValue::N("19.99".into())), serde_json::json!(19.99));
        assert_eq!(plain(&AttributeValue::N("12345678901234567.89".into())), "12345678901234567.89");
    }
}
