#![doc = include_str!("../README.md")]

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
