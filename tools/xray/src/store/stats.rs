use serde::{Deserialize, Serialize};

/// Counters since the store was made, and what it holds now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Documents read, good or bad.
    pub received: u64,
    /// Documents taken as new.
    pub stored: u64,
    /// Documents that took the place of an earlier one with the same id.
    pub replaced: u64,
    /// In-progress documents that came after the complete one, and changed nothing.
    pub stale: u64,
    /// Documents and datagrams refused; see [`crate::Store::rejections`].
    pub rejected: u64,
    /// Datagrams without a readable header (counted in `rejected`, too).
    pub malformed_datagrams: u64,
    /// Documents left out of a trace that had reached its size limit.
    pub over_trace_limit: u64,
    /// Optional fields removed because they broke the schema.
    pub removed_fields: u64,
    /// OTLP spans that were not sampled, which X-Ray's index does not take.
    #[serde(default)]
    pub unsampled: u64,
    /// Records that nobody has written to CloudWatch Logs, because they came faster than they were written.
    #[serde(default)]
    pub unlogged: u64,
    /// Traces dropped to stay within the limits.
    pub evicted_traces: u64,
    /// Documents dropped with them.
    pub evicted_documents: u64,
    /// Traces held.
    pub traces: usize,
    /// Bytes of documents held.
    pub bytes: usize,
}
