//! Answers a bound filter for one trace.

use serde_json::Value;

use super::{
    ast::{Operator, Scope},
    keyword::Keyword,
    node::{Node, Test},
};

/// What a filter is asked of: a trace, a segment, a connection, an element of a root cause.
pub(super) trait Subject {
    fn value(&self, keyword: Keyword) -> Found;

    fn annotation(&self, _scope: Scope, _key: &str) -> Vec<&Value> {
        Vec::new()
    }

    fn nested(&self, _node: &Node) -> bool {
        false
    }
}

/// The values of a keyword: none, or more than one for a field of any segment.
pub(super) enum Found {
    Flag(bool),
    Number(Option<f64>),
    Texts(Vec<String>),
}

pub(super) fn holds(node: &Node, subject: &dyn Subject) -> bool {
    match node {
        Node::All(nodes) => nodes.iter().all(|node| holds(node, subject)),
        Node::Any(nodes) => nodes.iter().any(|node| holds(node, subject)),
        Node::Not(node) => !holds(node, subject),
        Node::Keyword(keyword, test) => match subject.value(*keyword) {
            Found::Flag(flag) => match test {
                Test::Boolean(wanted) => flag == *wanted,
                _ => flag,
            },
            Found::Number(number) => numbers(test, number.as_slice()),
            Found::Texts(texts) => strings(test, &texts),
        },
        Node::Annotation(scope, key, test) => annotations(test, &subject.annotation(*scope, key)),
        nested => subject.nested(nested),
    }
}

/// `!=` holds if there are values and none is equal: an absent field is not different, it is absent.
fn numbers(test: &Test, values: &[f64]) -> bool {
    let Test::Number(operator, wanted) = test else {
        return !values.is_empty();
    };
    let some = |holds: fn(&f64, &f64) -> bool| values.iter().any(|value| holds(value, wanted));
    match operator {
        Operator::Equal => some(|a, b| a == b),
        Operator::NotEqual => !values.is_empty() && !some(|a, b| a == b),
        Operator::Less => some(|a, b| a < b),
        Operator::LessOrEqual => some(|a, b| a <= b),
        Operator::Greater => some(|a, b| a > b),
        Operator::GreaterOrEqual => some(|a, b| a >= b),
        _ => false,
    }
}

fn strings<S: AsRef<str>>(test: &Test, values: &[S]) -> bool {
    let Test::Text(operator, wanted) = test else {
        return !values.is_empty();
    };
    let wanted = wanted.as_str();
    let some = |holds: fn(&str, &str) -> bool| values.iter().any(|value| holds(value.as_ref(), wanted));
    match operator {
        Operator::Equal => some(|a, b| a == b),
        Operator::NotEqual => !values.is_empty() && !some(|a, b| a == b),
        Operator::Contains => some(|a, b| a.contains(b)),
        Operator::BeginsWith => some(|a, b| a.starts_with(b)),
        Operator::EndsWith => some(|a, b| a.ends_with(b)),
        _ => false,
    }
}

fn annotations(test: &Test, values: &[&Value]) -> bool {
    match test {
        // A boolean annotation stands for its value, any other for being there.
        Test::Present => values.iter().any(|value| **value != Value::Bool(false)),
        Test::Boolean(wanted) => values.iter().any(|value| **value == Value::Bool(*wanted)),
        Test::Number(..) => {
            let of_type: Vec<f64> = values.iter().filter_map(|value| value.as_f64()).collect();
            numbers(test, &of_type)
        }
        Test::Text(..) => {
            let of_type: Vec<&str> = values.iter().filter_map(|value| value.as_str()).collect();
            strings(test, &of_type)
        }
    }
}
