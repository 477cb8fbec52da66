//! The plane from outside: AWS's own client over HTTP, datagrams over UDP.

mod api;
mod common;
mod udp;
