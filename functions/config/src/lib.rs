#![doc = include_str!("../README.md")]

mod env;
mod failure;
mod sdk;

pub use env::{ConfigError, Env};
pub use failure::{CallFailure, FailureKind};
pub use sdk::{TellStep, sdk_config};
