//! `{ $.level = "ERROR" && $.durationMs > 100 }`.

use serde_json::Value;

use super::{PatternError, condition::Condition, scan::Scanner};

const MAX_WILDCARDS: usize = 3;
const MAX_DEPTH: usize = 50;

#[derive(Debug, Clone)]
pub(super) struct Json(Expr);

#[derive(Debug, Clone)]
enum Expr {
    All(Vec<Expr>),
    Any(Vec<Expr>),
    Compare(Vec<Step>, Condition),
    Is(Vec<Step>, Option<bool>),
    NotExists(Vec<Step>),
}

#[derive(Debug, Clone)]
enum Step {
    Key(String),
    Place(usize),
    /// Any element, or any field.
    Each,
}

impl Json {
    pub(super) fn parse(scanner: &mut Scanner<'_>) -> Result<Self, PatternError> {
        scanner.expect("{")?;
        let mut parser = Parser { scanner, wildcards: 0, depth: 0 };
        let expr = parser.any()?;
        parser.scanner.expect("}")?;
        scanner.few_regexes()?;
        Ok(Self(expr))
    }

    pub(super) fn matches(&self, message: &str) -> bool {
        // A pattern for JSON never lets another line through.
        serde_json::from_str(message).is_ok_and(|value: Value| value.is_object() && self.0.holds(&value))
    }
}

struct Parser<'s, 'a> {
    scanner: &'s mut Scanner<'a>,
    wildcards: usize,
    depth: usize,
}

impl Parser<'_, '_> {
    fn any(&mut self) -> Result<Expr, PatternError> {
        let mut parts = vec![self.all()?];
        while self.scanner.eat("||") {
            parts.push(self.all()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::Any(parts) })
    }

    fn all(&mut self) -> Result<Expr, PatternError> {
        let mut parts = vec![self.one()?];
        while self.scanner.eat("&&") {
            parts.push(self.one()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expr::All(parts) })
    }

    fn one(&mut self) -> Result<Expr, PatternError> {
        if self.scanner.eat("(") {
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                return Err(self.scanner.error("the pattern is nested too deeply"));
            }
            let inner = self.any()?;
            self.depth -= 1;
            self.scanner.expect(")")?;
            return Ok(inner);
        }
        let selector = self.selector()?;
        if self.scanner.eat_word("IS") {
            if self.scanner.eat_word("NOT") {
                return Err(self.scanner.error("IS NOT is not supported"));
            }
            for (word, value) in [("NULL", None), ("TRUE", Some(true)), ("FALSE", Some(false))] {
                if self.scanner.eat_word(word) {
                    return Ok(Expr::Is(selector, value));
                }
            }
            return Err(self.scanner.error("NULL, TRUE or FALSE is expected"));
        }
        if self.scanner.eat_word("NOT") {
            if self.scanner.eat_word("EXISTS") {
                return Ok(Expr::NotExists(selector));
            }
            return Err(self.scanner.error("EXISTS is expected"));
        }
        if self.scanner.eat_word("EXISTS") {
            return Err(self.scanner.error("EXISTS is not supported: NOT EXISTS is"));
        }
        Ok(Expr::Compare(selector, Condition::parse(self.scanner, "")?))
    }

    fn selector(&mut self) -> Result<Vec<Step>, PatternError> {
        self.scanner.expect("$")?;
        let mut steps = Vec::new();
        let before = self.wildcards;
        loop {
            match self.scanner.peek() {
                Some('.') => {
                    self.scanner.next();
                    match self.scanner.peek() {
                        Some('[') => continue,
                        Some('*') => {
                            self.scanner.next();
                            steps.push(self.wildcard(before)?);
                        }
                        _ => {
                            let key = self.scanner.take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '@'));
                            if key.is_empty() {
                                return Err(self.scanner.error("a property's name is expected"));
                            }
                            steps.push(Step::Key(key.to_owned()));
                        }
                    }
                }
                Some('[') => {
                    self.scanner.next();
                    steps.push(self.bracket(before)?);
                    self.scanner.expect("]")?;
                }
                _ if steps.is_empty() => return Err(self.scanner.error("a property such as $.level is expected")),
                _ => return Ok(steps),
            }
        }
    }

    fn bracket(&mut self, before: usize) -> Result<Step, PatternError> {
        match self.scanner.peek() {
            Some('*') => {
                self.scanner.next();
                self.wildcard(before)
            }
            Some('\'') => {
                self.scanner.next();
                let key = self.scanner.take_while(|c| c != '\'').to_owned();
                self.scanner.expect("'")?;
                Ok(Step::Key(key))
            }
            Some('"') => Err(self.scanner.error("a property in brackets is in single quotation marks")),
            _ => {
                let digits = self.scanner.take_while(|c| c.is_ascii_digit());
                digits
                    .parse()
                    .map(Step::Place)
                    .map_err(|_| self.scanner.error("a place, * or a property in single quotation marks is expected"))
            }
        }
    }

    fn wildcard(&mut self, before: usize) -> Result<Step, PatternError> {
        self.wildcards += 1;
        if self.wildcards > before + 1 {
            return Err(self.scanner.error("a property has at most one wildcard"));
        }
        if self.wildcards > MAX_WILDCARDS {
            return Err(self.scanner.error(format!("a pattern has at most {MAX_WILDCARDS} wildcards")));
        }
        Ok(Step::Each)
    }
}

impl Expr {
    fn holds(&self, event: &Value) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(event)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(event)),
            Self::Compare(selector, condition) => select(event, selector).into_iter().any(|value| match value {
                Value::String(text) => condition.holds(text),
                Value::Number(number) => condition.holds(&number.to_string()),
                Value::Bool(truth) => condition.holds(&truth.to_string()),
                Value::Null | Value::Array(_) | Value::Object(_) => false,
            }),
            Self::Is(selector, None) => select(event, selector).into_iter().any(Value::is_null),
            Self::Is(selector, truth) => select(event, selector).into_iter().any(|value| value.as_bool() == *truth),
            Self::NotExists(selector) => select(event, selector).is_empty(),
        }
    }
}

fn select<'a>(event: &'a Value, selector: &[Step]) -> Vec<&'a Value> {
    selector.iter().fold(vec![event], |values, step| {
        let into = |value: &'a Value| -> Vec<&'a Value> {
            match (step, value) {
                (Step::Key(key), Value::Object(map)) => map.get(key).into_iter().collect(),
                (Step::Place(place), Value::Array(list)) => list.get(*place).into_iter().collect(),
                (Step::Each, Value::Array(list)) => list.iter().collect(),
                (Step::Each, Value::Object(map)) => map.values().collect(),
                _ => Vec::new(),
            }
        };
        values.into_iter().flat_map(into).collect()
    })
}
