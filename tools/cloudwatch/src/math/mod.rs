//! CloudWatch metric math: parsed, type-checked when the alarm is read, evaluated per period.

mod ast;
mod eval;
mod functions;
mod lex;
mod parse;
mod program;
mod types;

pub use ast::{Aggregate, Expr, Fill, Function, Operator};
pub use eval::{Grid, Points, Slot};
pub use parse::parse;
pub use program::Program;
pub use types::Kind;

/// Why an expression cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MathError {
    /// Not metric math.
    #[error("{message} at character {at}")]
    Syntax {
        /// Position, counted in characters from 1.
        at: usize,
        /// What was expected.
        message: String,
    },
    /// Metric math that CloudWatch has and this crate does not evaluate (or alarms cannot use).
    #[error("not supported: {0}")]
    NotSupported(String),
    /// A wrong argument, an unknown id, a result that is not one time series.
    #[error("{0}")]
    Type(String),
}
