#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod aws_call;
pub mod cli;
mod clients;
mod commands;
mod credentials;
mod emulator;
mod health;
mod http;
mod metrics;
mod provision;
mod proxy;
mod services;
mod stack;
