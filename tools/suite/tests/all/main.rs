//! The facts and the folders that they are about.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod rooms;
mod terraform;
