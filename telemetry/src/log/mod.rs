//! Log lines: one JSON object a line, on stdout, with the ids of the step that wrote it.
//!
//! Messages are fixed at compile time and fields are [typed](crate::field), so that no payload gets in. Lines below the configured level
//! are kept, up to a bound, and written only if their unit of work fails.

pub(crate) mod foreign;
pub(crate) mod line;

use crate::field::Value;
use crate::step::scope;
use line::Line;

/// A line's level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Kept, and written only if the work fails.
    Debug,
    /// What happened.
    Info,
    /// It was the caller, or a limit.
    Warn,
    /// It was us.
    Error,
    /// Nothing is written at this level: the names `FATAL` and `CRITICAL` of other languages mean it.
    Silent,
}

impl Level {
    /// Reads the names of Lambda's log controls and of Rust, in any case; `TRACE` means `DEBUG`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text.trim().to_ascii_uppercase().as_str() {
            "TRACE" | "DEBUG" => Self::Debug,
            "INFO" => Self::Info,
            "WARN" | "WARNING" => Self::Warn,
            "ERROR" => Self::Error,
            "FATAL" | "CRITICAL" | "OFF" => Self::Silent,
            _ => return None,
        })
    }

    /// The level's name in a line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
            Self::Silent => "SILENT",
        }
    }
}

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
    scope::with_current(|scope| scope.invocation.log(Line::new(level, message, scope, fields)));
}
