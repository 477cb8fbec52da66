#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod focus;
mod logs;
mod marks;
mod model;
#[cfg(feature = "terminal")]
mod render;
mod tree;

pub use focus::Owner;
pub use logs::LogReport;
pub use model::{Attempt, Kind, LogLine, Outcome, Rest, Span, Trace};
#[cfg(feature = "terminal")]
pub use render::Style;

/// Why documents could not be read as a trace.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There was nothing to read: the trace has not been indexed yet, or its id is another.
    #[error("the trace has no segments: it may not have been indexed yet, look again in a minute")]
    Empty,
    /// A document is not a segment document.
    #[error("segment document {index} cannot be read: {source}")]
    Document {
        /// Its position, from 0.
        index: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}
