//! X-Ray filter expressions.
//!
//! A text becomes an [`Expression`] ([`parse`]), the expression a [`Filter`] bound to one level of a trace
//! ([`Filter::bind`]), the filter a yes or no ([`Filter::matches`]). What AWS documents but the service cannot answer
//! rightly parses and is refused when bound, by name: never a wrong answer.
//!
//! AWS publishes no grammar. Decided here: `AND` and juxtaposition bind tighter than `OR`, parentheses group,
//! keywords and operators are case-insensitive, string comparison is case-sensitive.

mod ast;
mod bind;
mod complex;
mod eval;
mod keyword;
mod lexer;
mod node;
mod parser;
mod subject;

pub use ast::{Expression, Literal, Operator, RootCauseKind, RootCauseLevel, Scope, Target};
pub use bind::{Filter, NoGroups, ResolveGroup};
pub use parser::parse;

/// Why an expression was refused; the text of an `InvalidRequestException`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// The text is no filter expression.
    #[error("Invalid filter expression at character {at}: {problem}")]
    Syntax {
        /// Position in the text, in bytes.
        at: usize,
        /// What was found, and what was expected.
        problem: String,
    },
    /// A keyword that AWS does not document.
    #[error("Invalid filter expression: unknown keyword {0:?}")]
    UnknownKeyword(String),
    /// A keyword that AWS documents, and this service cannot answer.
    #[error("Invalid filter expression: keyword {0:?} is not supported by the local X-Ray")]
    Unsupported(String),
    /// A keyword where it has no meaning.
    #[error("Invalid filter expression: keyword {keyword:?} cannot be used {place}")]
    Misplaced {
        /// The keyword.
        keyword: String,
        /// Where it stood.
        place: &'static str,
    },
    /// A comparison that the keyword's type does not have.
    #[error("Invalid filter expression: {keyword:?} is a {kind} and cannot be compared with {operation}")]
    Type {
        /// The keyword.
        keyword: String,
        /// boolean, number or string.
        kind: &'static str,
        /// The comparison, as written.
        operation: String,
    },
    /// `group.name` or `group.arn` of a group that does not exist.
    #[error("Invalid filter expression: group {0:?} does not exist")]
    UnknownGroup(String),
}

#[cfg(test)]
mod tests;
