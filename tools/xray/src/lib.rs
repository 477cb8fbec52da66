#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod api;
pub mod clock;
pub mod document;
pub mod filter;
pub mod graph;
mod groups;
pub mod root_cause;
mod sampling;
pub mod segments;
pub mod service;
mod store;
pub mod summary;
mod tags;
pub mod trace;
pub mod udp;

pub use api::{is_operation, router};
pub use clock::Clock;
pub use store::{Config, Stats, Store};
