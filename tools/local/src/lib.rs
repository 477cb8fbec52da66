#![doc = include_str!("../README.md")]

mod aws_call;
pub mod cli;
mod clients;
mod commands;
mod emulator;
mod facts;
mod http;
mod metrics;
mod names;
mod output;
mod progress;
mod provision;
mod proxy;
mod services;
mod stack;

pub use facts::{Facts, FunctionSettings, Settings};
pub use names::Names;
