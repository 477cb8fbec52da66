#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod chaos;
mod check;
mod client;
mod clock;
mod command;
mod fault;
mod history;
mod observe;
mod options;
mod orders;
mod plan;
mod progress;
mod random;
mod report;
mod run;
mod stack;

pub use check::{Finding, Verdict, Word};
pub use command::Command;
pub use options::Options;
pub use report::Report;
pub use run::run;
