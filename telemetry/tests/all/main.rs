//! What the crate emits, seen from outside: one program for all of it, because linking is most of a test's way after a change.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and helpers that fail as tests do")]

mod common;
mod daemon;
mod invocations;
mod otlp;
mod process;
mod records;
mod spans;
mod steps;
