//! What a service is made with.

use crate::clock::Clock;

/// Limits and names of a service.
#[derive(Debug, Clone)]
pub struct Config {
    /// Most bytes of documents' text held; the oldest traces go first. In memory a small document takes 10 to 20 times
    /// its text, parsed and compiled.
    pub max_bytes: usize,
    /// Most traces held; the oldest go first.
    pub max_traces: usize,
    /// Most bytes of one trace; what comes after is left out and the trace says `LimitExceeded`.
    pub max_trace_bytes: usize,
    /// Traces on one page of GetTraceSummaries.
    pub page_size: usize,
    /// Region in ARNs.
    pub region: String,
    /// Account in ARNs.
    pub account_id: String,
    /// Where the time comes from.
    pub clock: Clock,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_bytes: 32 * 1024 * 1024,
            max_traces: 10_000,
            max_trace_bytes: 500 * 1024,
            page_size: 100,
            region: "us-east-1".to_owned(),
            account_id: "000000000000".to_owned(),
            clock: Clock::system(),
        }
    }
}
