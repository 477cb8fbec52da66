#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod letter;

pub use letter::{Letter, REASON, REDRIVEN, STEP};
