#![doc = include_str!("../README.md")]

mod end;
mod env;
mod failure;
mod sdk;

pub use end::exit_code;
pub use env::{ConfigError, Env};
pub use failure::{CallFailure, FailureKind};
pub use sdk::{TellStep, Unanswered, sdk_config};
