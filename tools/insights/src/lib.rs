#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod event;
mod fields;
mod functions;
mod malformed;
mod pattern;
mod period;
mod query;
mod run;
mod value;

pub use event::{Event, Window};
pub use malformed::Malformed;
pub use pattern::{Pattern, PatternError};
pub use query::{MAX_LIMIT, Query, Source};
pub use run::{Cell, Results};
pub use value::timestamp;
