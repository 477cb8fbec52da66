#![doc = include_str!("../README.md")]

mod handler;
mod queue;
mod request;
mod response;
mod steps;

pub use handler::Validator;
pub use queue::{EnqueueError, Queue, SqsQueue};
