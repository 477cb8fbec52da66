//! All tests of the command and of what stands behind it, in one program: linking a dozen took most of their time.

// The helpers of tests may panic like the tests themselves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod catalogue;
mod command;
mod common;
mod evaluator;
mod features;
mod lints;
mod malformed;
mod mutations;
mod pages;
mod plan;
mod properties;
mod rows;
