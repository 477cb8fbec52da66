//! Functions on structures.

use std::sync::Arc;

use serde_json::Value as Json;

use super::{Function, function, number};
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    function("jsonParse", 1, 1, |a, _| match structure(a) {
        Some(value) => Value::Structure(value),
        None => Value::Null,
    }),
    function("jsonStringify", 1, 1, |a, _| match a {
        [Value::Structure(value)] => Value::text(value.to_string()),
        _ => Value::Null,
    }),
    function("jsonArraySize", 1, 1, |a, _| {
        #[expect(clippy::cast_precision_loss, reason = "no message has 2^53 elements")]
        number(list(a).map(|list| list.len() as f64))
    }),
    function("jsonArrayContains", 2, 2, |a, _| {
        let wanted = a.get(1).and_then(Value::as_text);
        let is = |element: &Json| wanted.is_some() && Value::of_json(element).as_text() == wanted;
        Value::Bool(list(a).is_some_and(|list| list.iter().any(is)))
    }),
];

/// A map or a list, or the text of one.
fn structure(arguments: &[Value]) -> Option<Arc<Json>> {
    match arguments.first()? {
        Value::Structure(value) => Some(Arc::clone(value)),
        other => {
            let value: Json = serde_json::from_str(&other.as_text()?).ok()?;
            (value.is_object() || value.is_array()).then(|| Arc::new(value))
        }
    }
}

fn list(arguments: &[Value]) -> Option<Vec<Json>> {
    structure(arguments)?.as_array().cloned()
}
