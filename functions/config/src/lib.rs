#![doc = include_str!("../README.md")]

mod env;
mod sdk;

pub use env::{ConfigError, Env};
pub use sdk::sdk_config;
