//! What the processor counts, once per batch.

use metrique::{unit::Count, unit_of_work::metrics};
use telemetry::metrics::{EmfError, MetricSpec, Millis, describe};

#[metrics(rename_all = "PascalCase")]
#[derive(Debug, Default)]
pub(crate) struct Processing {
    /// In the table by this message, each order once, also if the answer that said so was lost.
    #[metrics(unit = Count)]
    pub(crate) orders_stored: u64,
    /// In the table by another copy of the same message.
    #[metrics(unit = Count)]
    pub(crate) orders_duplicate: u64,
    /// In the table, and accepted once more: a client's retry that nobody found out before.
    #[metrics(unit = Count)]
    pub(crate) orders_repeated: u64,
    /// In the dead-letter queue, or there next, each order once, however often it is sent back and returns. With the two above
    /// but duplicates this is what becomes of an accepted order.
    #[metrics(unit = Count)]
    pub(crate) orders_dead: u64,
    /// Not stored by this attempt, whatever becomes of the record: Lambda's own `Errors` does not count partial failures.
    #[metrics(unit = Count)]
    pub(crate) record_failures: u64,
    /// Out of the order's way for good, unless somebody redrives them.
    #[metrics(unit = Count)]
    pub(crate) records_moved_to_dlq: u64,
    /// From SQS's acceptance of a message to the begin of its processing.
    pub(crate) queue_wait: Millis,
    /// From the validator's acceptance of an order to its being stored.
    pub(crate) end_to_end_latency: Millis,
}

/// The metrics that alarms and dashboards may name, beside telemetry's own.
///
/// # Errors
/// When the definition breaks a limit of the embedded metric format.
pub fn metrics() -> Result<Vec<MetricSpec>, EmfError> {
    describe(Processing::default())
}
