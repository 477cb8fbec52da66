//! YAML's short forms (`!Sub`) to the long ones.

use serde_json::{Map, Value, json};
use serde_norway::Value as Yaml;

/// A template in YAML, with long forms throughout.
///
/// # Errors
/// When a key is no text.
pub(in super::super) fn from_yaml(value: Yaml) -> Result<Value, String> {
    Ok(match value {
        Yaml::Null => Value::Null,
        Yaml::Bool(truth) => Value::Bool(truth),
        Yaml::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => whole.into(),
            (None, Some(number)) => json!(number),
            (None, None) => Value::Null,
        },
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(items) => Value::Array(items.into_iter().map(from_yaml).collect::<Result<_, _>>()?),
        Yaml::Mapping(map) => {
            let mut object = Map::new();
            for (key, value) in map {
                let key = match key {
                    Yaml::String(text) => text,
                    Yaml::Number(number) => number.to_string(),
                    Yaml::Bool(truth) => truth.to_string(),
                    other => return Err(format!("a key is no text: {other:?}")),
                };
                object.insert(key, from_yaml(value)?);
            }
            Value::Object(object)
        }
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = tag.trim_start_matches('!');
            let value = from_yaml(tagged.value)?;
            match name {
                "Ref" | "Condition" => json!({ name: value }),
                // `!GetAtt Queue.QueueName` splits at the first dot.
                "GetAtt" => match value.as_str().and_then(|text| text.split_once('.')) {
                    Some((id, attribute)) => json!({ "Fn::GetAtt": [id, attribute] }),
                    None => json!({ "Fn::GetAtt": value }),
                },
                name => json!({ format!("Fn::{name}"): value }),
            }
        }
    })
}
