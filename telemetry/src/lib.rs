#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod batch;
mod call;
mod caller;
mod clock;
mod config;
mod error;
pub mod field;
mod json;
pub mod lambda;
mod level;
pub mod log;
mod loss;
pub mod metrics;
mod output;
mod process;
pub mod propagate;
mod record;
mod runtime;
mod scope;
pub mod step;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
pub mod trace;

pub use batch::partial_batch;
pub use caller::Caller;
pub use config::{Config, InitError, TraceFormat};
pub use error::{Code, ErrorClass, ErrorKind};
pub use field::{CorrelationId, Id, Value};
pub use record::{Record, Source};
pub use runtime::{Telemetry, init};
pub use step::{AwsCall, Step};
