#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod failure;
mod handler;
mod metrics;
mod ports;
mod steps;

pub use failure::{Failure, Reason};
pub use handler::Processor;
pub use metrics::metrics;
pub use ports::{
    queue::{QueueError, Queues, SqsQueues},
    table::{DynamoTable, Existing, Put, Table, TableError},
};
