#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod header;
mod id;
pub mod traceparent;

pub use header::TraceHeader;
pub use id::{Ascii, SpanId, TraceId};
