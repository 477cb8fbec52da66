#![doc = include_str!("../README.md")]

mod config;
mod error;
pub mod field;
pub mod lambda;
pub mod log;
pub mod metrics;
pub mod propagate;
mod record;
mod runtime;
pub mod step;
#[cfg(feature = "testing")]
pub mod testing;
pub mod trace;

pub use config::{Config, InitError};
pub use error::{Code, ErrorClass, ErrorKind};
pub use field::{CorrelationId, Id, Value};
pub use record::{Record, Source};
pub use runtime::{Telemetry, init};
pub use step::{AwsCall, Step};
