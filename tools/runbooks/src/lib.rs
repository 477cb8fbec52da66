#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod block;
mod expect;
mod links;
mod page;
mod run;

pub use block::{Block, Kind};
pub use expect::matches;
pub use links::{Link, links};
pub use page::{Page, Problem, SECTIONS};
pub use run::{Failure, Runner};
