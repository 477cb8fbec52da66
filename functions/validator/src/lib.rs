#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod claims;
mod cors;
mod handler;
mod metrics;
mod queue;
mod request;
mod response;
mod steps;

pub use claims::{Claim, ClaimError, Claimed, Claims, DynamoClaims};
pub use handler::Validator;
pub use metrics::metrics;
pub use queue::{EnqueueError, Queue, SqsQueue};
pub use request::Request;
