//! CloudWatch Logs' filter patterns: which lines FilterLogEvents returns.

mod condition;
mod delimited;
mod json;
mod scan;
mod terms;

use std::str::FromStr;

use serde::Serialize;

use self::scan::Scanner;

/// A filter pattern.
#[derive(Debug, Clone)]
pub struct Pattern(Form);

#[derive(Debug, Clone)]
enum Form {
    Terms(terms::Terms),
    Json(json::Json),
    Delimited(delimited::Delimited),
}

/// What CloudWatch Logs answers as `InvalidParameterException`, and the character of the pattern that it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("Invalid filter pattern: {message} (at character {place})")]
pub struct PatternError {
    /// What is wrong.
    pub message: String,
    /// Counted from 1.
    pub place: usize,
}

/// CloudWatch Logs' own bound.
const MAX_CHARS: usize = 1024;

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        if text.chars().count() > MAX_CHARS {
            let message = format!("a pattern has at most {MAX_CHARS} characters");
            return Err(PatternError { message, place: MAX_CHARS + 1 });
        }
        let mut scanner = Scanner::new(text);
        scanner.skip_space();
        let form = match scanner.peek() {
            Some('{') => Form::Json(json::Json::parse(&mut scanner)?),
            Some('[') => Form::Delimited(delimited::Delimited::parse(&mut scanner)?),
            _ => return Ok(Self(Form::Terms(terms::Terms::parse(&mut scanner)?))),
        };
        scanner.skip_space();
        match scanner.peek() {
            None => Ok(Self(form)),
            Some(_) => Err(scanner.error("nothing may follow the closing bracket")),
        }
    }
}

impl Pattern {
    /// Whether it lets a line through.
    #[must_use]
    pub fn matches(&self, message: &str) -> bool {
        match &self.0 {
            Form::Terms(terms) => terms.matches(message),
            Form::Json(json) => json.matches(message),
            Form::Delimited(delimited) => delimited.matches(message),
        }
    }
}

#[cfg(test)]
mod tests;
