#![doc = include_str!("../README.md")]

pub mod api;
pub mod emf;
pub mod store;
mod unit;

pub use alarms::model::{EpochSeconds, MetricKey};
pub use alarms::series::Sample;
pub use alarms::stats::Statistic;
pub use store::{Datapoint, Limits, Refused, Store};
pub use unit::{NO_UNIT, UNITS, is_unit};
