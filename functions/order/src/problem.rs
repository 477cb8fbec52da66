//! What is wrong with a request: told to the client, so it never repeats a value the client sent.

use std::fmt;

use serde::Serialize;

use crate::limits;

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Dotted and indexed path of the field, such as `items[0].price`; empty for the body as a whole.
    pub field: String,
    /// The whole sentence, field included.
    pub message: String,
    /// What kind of problem it is.
    #[serde(skip)]
    pub kind: ProblemKind,
    /// The field's name without its place, in the contract's own words; empty for the body as a whole.
    #[serde(skip)]
    pub name: &'static str,
}

/// What kind of problem it is: for counting, where sentences are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// The body is not one JSON object.
    Body,
    /// A required field is not there.
    Missing,
    /// A field, or a header, is not what it must be.
    Invalid,
}

impl Problem {
    pub(crate) fn missing(field: &str) -> Self {
        Self::new(field, ProblemKind::Missing, format!("Missing required field: {field}"))
    }

    pub(crate) fn invalid(field: &str, requirement: impl fmt::Display) -> Self {
        Self::new(field, ProblemKind::Invalid, format!("Invalid field: {field} {requirement}"))
    }

    pub(crate) fn body(message: impl Into<String>) -> Self {
        Self::new("", ProblemKind::Body, message.into())
    }

    pub(crate) fn new(field: &str, kind: ProblemKind, message: String) -> Self {
        let last = field.rsplit('.').next().unwrap_or_default();
        let bare = last.split('[').next().unwrap_or_default();
        // Only the contract's own names are counted: any other one is the client's text.
        let name = limits::NAMES.into_iter().chain([IDEMPOTENCY_KEY]).find(|name| *name == bare).unwrap_or_default();
        Self { field: field.to_owned(), message, kind, name }
    }
}

/// The one header of the contract.
pub(crate) const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// So many problems are told; of more only their number.
const MAX_TOLD: usize = 20;

/// Problems as they are found.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    told: Vec<Problem>,
    count: usize,
}

impl Problems {
    pub(crate) fn push(&mut self, problem: Problem) {
        self.count += 1;
        if self.told.len() < MAX_TOLD {
            self.told.push(problem);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }
}

/// What is wrong with a request, in the order of the contract: the first twenty problems and how many there are. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub struct Rejection {
    problems: Vec<Problem>,
    count: usize,
}

impl Rejection {
    pub(crate) fn one(problem: Problem) -> Self {
        Self { problems: vec![problem], count: 1 }
    }

    pub(crate) fn all(problems: Problems) -> Self {
        debug_assert!(!problems.is_empty(), "a rejection without a reason");
        Self { problems: problems.told, count: problems.count }
    }

    /// The first problem: what the response's `message` says.
    #[must_use]
    pub fn message(&self) -> &str {
        self.problems.first().map_or("", |problem| &problem.message)
    }

    /// The first twenty problems: what the response's `errors` lists.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }
}
