//! The processor, from its events to what it tells.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod batches;
mod schedules;
mod telemetry;
