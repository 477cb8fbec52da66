#![doc = include_str!("../README.md")]

mod handler;
mod ports;
mod steps;

pub use handler::{Outcome, Processor};
pub use ports::{
    queue::{DeadLetter, QueueError, Queues, SqsQueues},
    table::{DynamoTable, Put, Table, TableError},
};
