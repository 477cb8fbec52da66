#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

pub mod catalogue;
pub mod composite;
pub mod evaluate;
pub mod model;
#[cfg(feature = "service")]
pub mod service;

pub use catalogue::Catalogue;
pub use evaluate::Evaluator;
