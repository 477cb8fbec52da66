//! Functions on anything, and hashes.

use std::fmt::Write as _;

use md5::Md5;
use sha2::{Digest, Sha256};

use super::{Context, Function, MANY, function, number};
use crate::value::Value;

/// AWS's ten branches, and the default.
const MAX_CASE: usize = 21;

pub(super) const FUNCTIONS: &[Function] = &[
    function("isPresent", 1, 1, |a, _| Value::Bool(a.iter().all(|a| !a.is_null()))),
    function("coalesce", 1, MANY, |a, _| a.iter().find(|a| !a.is_null()).cloned().unwrap_or(Value::Null)),
    function("case", 2, MAX_CASE, case),
    function("if", 3, 3, |a, _| match a {
        [condition, then, otherwise] => if condition.is_true() { then } else { otherwise }.clone(),
        _ => Value::Null,
    }),
    function("isNumeric", 1, 1, |a, _| Value::Bool(a.iter().all(|a| a.number().is_some()))),
    function("messageSize", 1, 1, |a, _| {
        #[expect(clippy::cast_precision_loss, reason = "no message has 2^53 bytes")]
        number(a.first().and_then(Value::as_text).map(|text| text.len() as f64))
    }),
    function("queryStartTime", 0, 0, |_, context| millis(context.window.start)),
    function("queryEndTime", 0, 0, |_, context| millis(context.window.end)),
    function("queryTimeRange", 0, 0, |_, context| millis(context.window.end.saturating_sub(context.window.start))),
    function("md5", 1, 1, |a, _| hash::<Md5>(a)),
    function("sha256", 1, 1, |a, _| hash::<Sha256>(a)),
];

#[expect(clippy::cast_precision_loss, reason = "milliseconds of any date are far below 2^53")]
fn millis(at: i64) -> Value {
    Value::Number(at as f64)
}

fn case(arguments: &[Value], _: &Context) -> Value {
    for branch in arguments.chunks(2) {
        match branch {
            [condition, value] if condition.is_true() => return value.clone(),
            [default] => return default.clone(),
            _ => {}
        }
    }
    Value::Null
}

fn hash<D: Digest>(arguments: &[Value]) -> Value {
    let Some(text) = arguments.first().and_then(Value::as_text) else { return Value::Null };
    let mut hex = String::new();
    for byte in D::digest(text.as_bytes()) {
        let _infallible = write!(hex, "{byte:02x}");
    }
    Value::text(hex)
}
