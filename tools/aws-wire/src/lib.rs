#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod cbor;
mod error;
mod input;
mod output;
pub mod page;
mod query;
mod reply;
mod service;
mod xml;

pub use error::ApiError;
pub use input::{Flag, Flexible, Moment, read};
pub use output::Output;
pub use page::Page;
pub use reply::Reply;
pub use service::{Call, Protocol, Service};
