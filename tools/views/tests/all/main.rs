//! Pictures, from bodies and answers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod checklist;
mod foreign;
mod goldens;
mod support;
