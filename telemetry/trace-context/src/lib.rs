#![doc = include_str!("../README.md")]

mod header;
mod id;
pub mod traceparent;

pub use header::TraceHeader;
pub use id::{Ascii, SpanId, TraceId};
