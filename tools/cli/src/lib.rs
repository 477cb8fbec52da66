#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

pub mod colour;
pub mod confirm;
pub mod exit;
#[cfg(feature = "manual")]
pub mod manual;
pub mod output;
pub mod progress;
pub mod table;
pub mod text;
pub mod time;
