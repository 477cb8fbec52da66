#![doc = include_str!("../README.md")]

pub mod backtest;
pub mod catalogue;
pub mod composite;
pub mod evaluate;
pub mod explain;
pub mod index;
pub mod lint;
pub mod model;
pub mod plan;
pub mod report;
pub mod scenario;
#[cfg(feature = "service")]
pub mod service;

pub use catalogue::Catalogue;
pub use evaluate::Evaluator;
