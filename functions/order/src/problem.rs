//! What is wrong with a request: told to the client, so it never repeats a value the client sent.

use std::fmt;

use serde::Serialize;

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Dotted and indexed path of the field, such as `items[0].price`; empty for the body as a whole.
    pub field: String,
    /// The whole sentence, field included.
    pub message: String,
}

impl Problem {
    pub(crate) fn missing(field: &str) -> Self {
        Self { field: field.to_owned(), message: format!("Missing required field: {field}") }
    }

    pub(crate) fn invalid(field: &str, requirement: impl fmt::Display) -> Self {
        Self { field: field.to_owned(), message: format!("Invalid field: {field} {requirement}") }
    }

    pub(crate) fn body(message: impl Into<String>) -> Self {
        Self { field: String::new(), message: message.into() }
    }
}

/// Everything that is wrong with a request, in the order of the contract. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub struct Rejection {
    problems: Vec<Problem>,
}

impl Rejection {
    pub(crate) fn one(problem: Problem) -> Self {
        Self { problems: vec![problem] }
    }

    pub(crate) fn all(problems: Vec<Problem>) -> Self {
        debug_assert!(!problems.is_empty(), "a rejection without a reason");
        Self { problems }
    }

    /// The first problem: what the response's `message` says.
    #[must_use]
    pub fn message(&self) -> &str {
        self.problems.first().map_or("", |problem| &problem.message)
    }

    /// All problems: what the response's `errors` lists.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}
