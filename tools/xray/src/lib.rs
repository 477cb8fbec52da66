#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod api;
pub mod clock;
mod destination;
pub mod document;
pub mod filter;
pub mod graph;
mod groups;
mod otlp;
pub mod record;
mod retrieval;
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
pub use destination::Destination;
pub use store::{Config, Refused, Stats, Store};
