#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod docs;
mod event;
mod handler;
mod html;
mod metrics;
mod ports;
mod viewer;
mod widgets;

pub use metrics::metrics;
pub use ports::{Alarm, Alarms, Aws, AwsError, DeadLetters, Lines, Traces, Waiting};
pub use viewer::Viewer;
