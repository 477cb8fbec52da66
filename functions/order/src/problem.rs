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
        let name = CONTRACT.into_iter().find(|name| *name == bare).unwrap_or_default();
        Self { field: field.to_owned(), message, kind, name }
    }
}

/// Every name the contract has. Only these are repeated in a message or counted: any other name is the client's text.
pub(crate) const CONTRACT: [&str; 14] = [
    "customerName",
    "customerEmail",
    "items",
    "productId",
    "productName",
    "quantity",
    "price",
    "shippingAddress",
    "street",
    "city",
    "postalCode",
    "country",
    "paymentMethod",
    "Idempotency-Key",
];

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
