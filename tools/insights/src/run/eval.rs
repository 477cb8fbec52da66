//! An expression's value in a row.

use std::cmp::Ordering;

use super::Row;
use crate::{
    event::Window,
    functions::Context,
    query::ast::{Binary, Expr},
    value::Value,
};

impl Row {
    pub(crate) fn eval(&self, expr: &Expr, window: Window) -> Value {
        self.eval_with(expr, window, &|_| Value::Null)
    }

    /// `aggregate` knows what aggregations are of the row's group.
    pub(super) fn eval_with(
        &self,
        expr: &Expr,
        window: Window,
        aggregate: &dyn Fn(&crate::query::ast::Aggregate) -> Value,
    ) -> Value {
        let eval = |expr: &Expr| self.eval_with(expr, window, aggregate);
        match expr {
            Expr::Literal(value) => value.clone(),
            Expr::Field(name, _) => self.get(name),
            Expr::Not(inner) => Value::Bool(!eval(inner).is_true()),
            Expr::Negative(inner) => eval(inner).number().map_or(Value::Null, |number| Value::Number(-number)),
            Expr::Binary(Binary::And, left, right) => Value::Bool(eval(left).is_true() && eval(right).is_true()),
            Expr::Binary(Binary::Or, left, right) => Value::Bool(eval(left).is_true() || eval(right).is_true()),
            Expr::Binary(operator, left, right) => binary(*operator, &eval(left), &eval(right)),
            Expr::Like(inner, pattern) => Value::Bool(like(&eval(inner), pattern)),
            Expr::In(inner, list) => {
                let value = eval(inner);
                Value::Bool(list.iter().any(|item| value.equals(&eval(item))))
            }
            Expr::Call { function, arguments } => {
                let arguments: Vec<_> = arguments.iter().map(eval).collect();
                let at = match self.fields.get("@timestamp") {
                    Some(Value::Time(at)) => Some(*at),
                    _ => None,
                };
                (function.apply)(&arguments, &Context { window, at })
            }
            Expr::Aggregate(inner) => aggregate(inner),
        }
    }

    /// A field, or what is inside a structure: `json_message.users.1.action`.
    pub(super) fn get(&self, name: &str) -> Value {
        if let Some(value) = self.fields.get(name) {
            return value.clone();
        }
        for (dot, _) in name.match_indices('.').rev() {
            if let Some(Value::Structure(structure)) = self.fields.get(&name[..dot]) {
                return inside(structure, &name[dot + 1..]).map_or(Value::Null, Value::of_json);
            }
        }
        Value::Null
    }
}

/// Keys may have dots in them: the longest that fits is taken first.
fn inside<'a>(structure: &'a serde_json::Value, path: &str) -> Option<&'a serde_json::Value> {
    if let Some(value) = child(structure, path) {
        return Some(value);
    }
    path.match_indices('.').rev().find_map(|(dot, _)| inside(child(structure, &path[..dot])?, &path[dot + 1..]))
}

fn child<'a>(structure: &'a serde_json::Value, key: &str) -> Option<&'a serde_json::Value> {
    match structure {
        serde_json::Value::Object(map) => map.get(key),
        serde_json::Value::Array(list) => list.get(key.parse::<usize>().ok()?),
        _ => None,
    }
}

fn like(value: &Value, pattern: &Value) -> bool {
    let Some(text) = value.as_text() else { return false };
    match pattern {
        Value::Regex(regex) => regex.is_match(&text),
        Value::Text(part) => text.contains(&**part),
        _ => false,
    }
}

fn binary(operator: Binary, left: &Value, right: &Value) -> Value {
    let order = || left.compare(right);
    let truth = match operator {
        Binary::Equal => left.equals(right),
        // What is missing is not equal to anything; a structure can't be compared.
        Binary::NotEqual => {
            !left.equals(right) && ![left, right].iter().any(|side| matches!(side, Value::Structure(_)))
        }
        Binary::Less => order() == Some(Ordering::Less),
        Binary::LessOrEqual => order().is_some_and(Ordering::is_le),
        Binary::Greater => order() == Some(Ordering::Greater),
        Binary::GreaterOrEqual => order().is_some_and(Ordering::is_ge),
        arithmetic => return number(arithmetic, left, right),
    };
    Value::Bool(truth)
}

fn number(operator: Binary, left: &Value, right: &Value) -> Value {
    let (Some(left), Some(right)) = (left.number(), right.number()) else { return Value::Null };
    let number = match operator {
        Binary::Add => left + right,
        Binary::Subtract => left - right,
        Binary::Multiply => left * right,
        Binary::Divide => left / right,
        Binary::Remainder => left % right,
        Binary::Power => left.powf(right),
        _ => return Value::Null,
    };
    // Nothing divided by nothing is nothing.
    if number.is_finite() { Value::Number(number) } else { Value::Null }
}
