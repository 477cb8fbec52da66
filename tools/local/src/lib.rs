#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod aws_call;
pub mod cli;
mod clients;
mod commands;
mod emulator;
mod http;
mod metrics;
mod provision;
mod proxy;
mod services;
mod stack;
