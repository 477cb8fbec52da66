//! The service from outside: AWS's own client over HTTP, datagrams over UDP.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may panic as tests do")]

mod api;
mod common;
mod otlp;
mod transaction_search;
mod udp;
