//! Log lines: one JSON object a line, on stdout, with the ids of the step that wrote it.
//!
//! A unit of work (an invocation, a record of a batch) is one line, which is its metrics' record too; a step has a line of its own only
//! where that is worth its price: failed, slow, or in a unit whose trace is recorded.
//!
//! Messages are fixed at compile time and fields are [typed](crate::field), so that no payload gets in. Lines below the configured level
//! are kept, up to a bound, and written only if their unit of work fails.

mod foreign;
mod line;
mod unit;

pub(crate) use foreign::layer as foreign_events;
pub(crate) use line::{Labels, Member};
pub(crate) use unit::{MAX_STEPS, UnitLine};

pub use crate::level::Level;
use crate::{
    field::Value,
    scope::{self, Line},
};

/// Logs a line of the running step that is written only if its unit of work fails.
pub fn debug(message: &'static str, fields: &[(&'static str, Value)]) {
    log(Level::Debug, message, fields);
}

/// Logs a line of the running step.
pub fn info(message: &'static str, fields: &[(&'static str, Value)]) {
    log(Level::Info, message, fields);
}

/// Logs a line of the running step about something a caller or a limit caused.
pub fn warn(message: &'static str, fields: &[(&'static str, Value)]) {
    log(Level::Warn, message, fields);
}

/// Logs a line of the running step about something that must not happen.
pub fn error(message: &'static str, fields: &[(&'static str, Value)]) {
    log(Level::Error, message, fields);
}

fn log(level: Level, message: &'static str, fields: &[(&'static str, Value)]) {
    scope::with_current(|scope| scope.journal.log(Line::new(level, message, scope, fields)));
}
