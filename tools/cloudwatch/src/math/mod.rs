//! CloudWatch metric math: parsed, type-checked when the alarm is read, evaluated per period.

mod ast;
mod error;
mod eval;
mod functions;
mod lex;
mod parse;
mod program;
mod types;
mod value;

pub use ast::{Aggregate, Expr, Fill, Function, Operator};
pub use error::{CompileError, MathError};
pub use parse::parse;
pub use program::Program;
pub use types::Kind;
pub use value::{ClockPoints, Gaps, Grid, IfGaps, Points, Slot};
