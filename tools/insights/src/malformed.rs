//! Why a query can't be asked, and where.

use std::{fmt, ops::Range};

use serde::Serialize;

/// What CloudWatch Logs answers as `MalformedQueryException`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Malformed {
    /// What is wrong.
    pub message: String,
    /// The characters it is about, counted from 0; the end is not part of it.
    pub start: usize,
    /// Where they end.
    pub end: usize,
    /// The line they begin in, counted from 1.
    pub line: usize,
    /// Their place in that line, counted from 1.
    pub column: usize,
}

impl Malformed {
    pub(crate) fn new(query: &str, span: Range<usize>, message: impl Into<String>) -> Self {
        let before = query.get(..span.start).unwrap_or(query);
        let start = before.chars().count();
        let within = query.get(span).map_or(0, |text| text.chars().count());
        let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
        Self { message: message.into(), start, end: start + within, line: before.matches('\n').count() + 1, column }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (line {}, column {})", self.message, self.line, self.column)
    }
}

impl std::error::Error for Malformed {}
