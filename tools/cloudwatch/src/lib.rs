#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

#[cfg(feature = "api")]
pub mod api;
pub mod emf;
pub mod math;
mod metric;
mod query;
mod sample;
pub mod stats;
pub mod store;
mod unit;

pub use metric::{EpochSeconds, MetricKey};
pub use query::{Query, Source};
pub use sample::{Sample, SampleError};
pub use stats::Statistic;
pub use store::{Datapoint, Limits, MetricId, Recorder, Refused, Store};
pub use unit::{NO_UNIT, UNITS, is_unit};
