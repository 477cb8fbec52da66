//! What an operator does, on the real stack and with the real command line.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

#[path = "../common/mod.rs"]
mod common;

mod commands;
mod dlq;
mod drills;
mod stack;
mod traces;
