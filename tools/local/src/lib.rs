#![doc = include_str!("../README.md")]

pub mod cli;
mod describe;
mod down;
mod emulator;
mod facts;
mod fault;
mod first_order;
mod http;
mod metrics;
mod names;
mod output;
mod outside;
mod plane;
mod process;
mod progress;
mod provision;
mod state;
mod up;

pub use facts::{Facts, FunctionSettings, Settings};
pub use names::Names;
