//! What is asked: log events, and the time they are asked about.

/// A log event, as CloudWatch Logs keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event<'a> {
    /// When it happened, in epoch milliseconds.
    pub timestamp: i64,
    /// When the service took it.
    pub ingestion_time: i64,
    /// The line.
    pub message: &'a str,
    /// The stream it is in.
    pub stream: &'a str,
    /// The group's identifier: `<account>:<group>`.
    pub log: &'a str,
    /// What GetLogRecord finds it by.
    pub pointer: &'a str,
}

/// The time a query is about, in epoch milliseconds; the end belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first moment.
    pub start: i64,
    /// The last one.
    pub end: i64,
    /// When the query was asked.
    pub now: i64,
}
