#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod letter;
mod meaning;

pub use letter::{Letter, REASON, REDRIVEN, STEP};
pub use meaning::meaning;
