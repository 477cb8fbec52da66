#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod chaos;
mod check;
mod client;
mod fault;
mod history;
mod observe;
mod orders;
mod plan;
mod random;
mod report;
mod run;
mod stack;

pub use check::{Finding, Verdict, Word};
pub use report::Report;
pub use run::{Options, run};
