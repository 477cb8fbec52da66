//! The order: its schema and its rules.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod schema;
mod validation;
