#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

pub mod backtest;
pub mod coverage;
pub mod diff;
pub mod explain;
pub mod index;
pub mod lint;
#[cfg(feature = "live")]
pub mod live;
pub mod project;
pub mod report;
pub mod scenario;
pub mod schema;
pub mod sources;
