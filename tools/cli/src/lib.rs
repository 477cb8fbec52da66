#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

pub mod colour;
pub mod confirm;
pub mod exit;
pub mod output;
pub mod progress;
pub mod table;
pub mod text;
pub mod time;
