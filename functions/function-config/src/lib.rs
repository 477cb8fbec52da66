#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod connector;
mod end;
mod env;
mod failure;
mod message;
mod pulse;
mod rehearsal;
mod sdk;

pub use end::exit_code;
pub use env::{ConfigError, Env};
pub use failure::{CallFailure, FailureKind};
pub use message::{carry_trace, text_attribute};
pub use rehearsal::rehearsing;
pub use sdk::{TellStep, Unanswered, sdk_config};
