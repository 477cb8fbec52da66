//! Where segments go: into X-Ray's index, or with Transaction Search into CloudWatch Logs.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::mpsc;

/// Records that the host has not taken yet; more are counted and lost.
const MAX_WAITING: usize = 20_000;

/// X-Ray's `TraceSegmentDestination`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Destination {
    /// X-Ray's own index, which GetTraceSummaries and BatchGetTraces read.
    #[default]
    XRay,
    /// The log group `aws/spans`: Transaction Search.
    CloudWatchLogs,
}

/// The destination, and whoever writes the records.
#[derive(Debug, Default)]
pub(crate) struct Switch {
    pub(crate) destination: Destination,
    writer: Option<mpsc::Sender<Value>>,
}

impl Switch {
    pub(crate) fn writer(&mut self) -> mpsc::Receiver<Value> {
        let (sender, records) = mpsc::channel(MAX_WAITING);
        self.writer = Some(sender);
        records
    }

    /// How many were lost: nobody writes them, or not fast enough.
    pub(crate) fn send(&self, records: Vec<Value>) -> u64 {
        let lost = |record| self.writer.as_ref().is_none_or(|writer| writer.try_send(record).is_err());
        records.into_iter().map(|record| u64::from(lost(record))).sum()
    }
}
