//! Functions on numbers.

use super::{Context, Function, MANY, function, number};
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    function("abs", 1, 1, |a, _| unary(a, f64::abs)),
    function("ceil", 1, 1, |a, _| unary(a, f64::ceil)),
    function("floor", 1, 1, |a, _| unary(a, f64::floor)),
    function("log", 1, 1, |a, _| unary(a, f64::ln)),
    function("sqrt", 1, 1, |a, _| unary(a, f64::sqrt)),
    function("greatest", 1, MANY, |a, _| extreme(a, f64::max)),
    function("least", 1, MANY, |a, _| extreme(a, f64::min)),
    function("round", 1, 2, round),
    function("haversine", 4, 4, haversine),
    function("toNumber", 1, 1, |a, _| unary(a, |x| x)),
    function("toDouble", 1, 1, |a, _| unary(a, |x| x)),
    function("toInt", 1, 1, |a, _| whole(a, f64::from(i32::MIN), f64::from(i32::MAX))),
    // The whole numbers that a double holds exactly.
    function("toLong", 1, 1, |a, _| whole(a, -9e15, 9e15)),
];

fn unary(arguments: &[Value], f: fn(f64) -> f64) -> Value {
    number(arguments.first().and_then(Value::number).map(f))
}

fn extreme(arguments: &[Value], f: fn(f64, f64) -> f64) -> Value {
    number(arguments.iter().map(Value::number).collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().reduce(f)))
}

fn round(arguments: &[Value], _: &Context) -> Value {
    let places = match arguments.get(1) {
        Some(places) => match places.number() {
            Some(places) => places.trunc().clamp(-300.0, 300.0),
            None => return Value::Null,
        },
        None => 0.0,
    };
    let scale = 10f64.powf(places);
    number(arguments.first().and_then(Value::number).map(|a| (a * scale).round() / scale))
}

fn whole(arguments: &[Value], least: f64, most: f64) -> Value {
    let value = arguments.first().and_then(Value::number).map(f64::trunc);
    number(value.filter(|value| (least..=most).contains(value)))
}

/// Kilometres on a sphere of the earth's mean radius.
fn haversine(arguments: &[Value], _: &Context) -> Value {
    let radians: Option<Vec<_>> = arguments.iter().map(|a| a.number().map(f64::to_radians)).collect();
    let Some([lat1, lon1, lat2, lon2]) = radians.as_deref() else { return Value::Null };
    let half = |a: f64, b: f64| ((b - a) / 2.0).sin().powi(2);
    let a = half(*lat1, *lat2) + lat1.cos() * lat2.cos() * half(*lon1, *lon2);
    number(Some(2.0 * 6371.0 * a.sqrt().min(1.0).asin()))
}
