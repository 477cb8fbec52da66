//! A comparison with a value, as JSON and space-delimited patterns have it.

use regex::Regex;

use super::{PatternError, scan::Scanner};
use crate::value::numeric;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone)]
enum Operand {
    Number(f64, String),
    /// The parts between the stars; without a star there is one.
    Text(Vec<String>),
    Regex(Regex),
}

#[derive(Debug, Clone)]
pub(super) struct Condition {
    operator: Operator,
    operand: Operand,
}

pub(super) fn operator(scanner: &mut Scanner<'_>) -> Result<Operator, PatternError> {
    for (text, operator) in [
        ("!=", Operator::NotEqual),
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("=", Operator::Equal),
        ("<", Operator::Less),
        (">", Operator::Greater),
    ] {
        if scanner.eat(text) {
            return Ok(operator);
        }
    }
    Err(scanner.error("an operator is expected: =, !=, <, <=, > or >="))
}

impl Condition {
    pub(super) fn parse(scanner: &mut Scanner<'_>, ends: &str) -> Result<Self, PatternError> {
        let operator = operator(scanner)?;
        scanner.skip_space();
        let place = scanner.error("<, <=, > and >= compare with a number");
        let operand = match scanner.peek() {
            Some('"') => Operand::Text(scanner.quoted()?.split('*').map(str::to_owned).collect()),
            Some('%') => Operand::Regex(scanner.regex()?),
            _ => {
                let stops = |c: char| c.is_whitespace() || ends.contains(c) || "\"=<>!&|(){}[]".contains(c);
                let word = scanner.take_while(|c| !stops(c));
                match numeric(word) {
                    _ if word.is_empty() => return Err(scanner.error("a value is expected")),
                    Some(number) => Operand::Number(number, word.to_owned()),
                    None => Operand::Text(word.split('*').map(str::to_owned).collect()),
                }
            }
        };
        let ordered = !matches!(operator, Operator::Equal | Operator::NotEqual);
        if ordered && !matches!(operand, Operand::Number(..)) {
            return Err(place);
        }
        Ok(Self { operator, operand })
    }

    /// Of a value as text, which is a number if it looks like one.
    pub(super) fn holds(&self, value: &str) -> bool {
        let order = |number: f64| numeric(value).and_then(|value| value.partial_cmp(&number));
        match (self.operator, &self.operand) {
            (Operator::Equal, operand) => operand.is(value),
            (Operator::NotEqual, operand) => !operand.is(value),
            (Operator::Less, Operand::Number(number, _)) => order(*number).is_some_and(|order| order.is_lt()),
            (Operator::LessOrEqual, Operand::Number(number, _)) => order(*number).is_some_and(|order| order.is_le()),
            (Operator::Greater, Operand::Number(number, _)) => order(*number).is_some_and(|order| order.is_gt()),
            (Operator::GreaterOrEqual, Operand::Number(number, _)) => order(*number).is_some_and(|order| order.is_ge()),
            _ => false,
        }
    }
}

impl Operand {
    #[expect(clippy::float_cmp, reason = "the same number, however it is written")]
    fn is(&self, value: &str) -> bool {
        match self {
            Self::Number(number, text) => numeric(value).map_or(value == text, |value| value == *number),
            Self::Text(parts) => glob(parts, value),
            Self::Regex(regex) => regex.is_match(value),
        }
    }
}

fn glob(parts: &[String], value: &str) -> bool {
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return false };
    if parts.len() == 1 {
        return value == first;
    }
    let Some(rest) = value.strip_prefix(first.as_str()) else { return false };
    let Some(mut rest) = rest.strip_suffix(last.as_str()) else { return false };
    for part in parts.get(1..parts.len() - 1).unwrap_or_default() {
        match rest.find(part.as_str()) {
            Some(at) => rest = rest.get(at + part.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    true
}
