//! What the processor counts, once per batch.

use metrique::unit_of_work::metrics;
use telemetry::metrics::{Counter, EmfError, MetricSpec, Millis, describe, describe_records, describe_steps};

#[metrics(rename_all = "PascalCase")]
#[derive(Debug, Default)]
pub(crate) struct Processing {
    /// In the table by this message, each order once, also if the answer that said so was lost.
    pub(crate) orders_stored: Counter,
    /// In the table by another copy of the same message.
    pub(crate) orders_duplicate: Counter,
    /// In the table, and accepted once more: a client's retry that nobody found out before.
    pub(crate) orders_repeated: Counter,
    /// In the dead-letter queue, or there next, each order once, however often it is sent back and returns. With the two above
    /// but duplicates this is what becomes of an accepted order.
    pub(crate) orders_dead: Counter,
    /// Not stored by this attempt, whatever becomes of the record: Lambda's own `Errors` does not count partial failures.
    pub(crate) record_failures: Counter,
    /// Out of the order's way for good, unless somebody redrives them.
    pub(crate) records_moved_to_dlq: Counter,
    /// From the validator's acceptance of an order to its being stored.
    pub(crate) end_to_end_latency: Millis,
}

/// The metrics that alarms and dashboards may name, beside telemetry's own.
///
/// # Errors
/// When the definition breaks a limit of the embedded metric format.
pub fn metrics() -> Result<Vec<MetricSpec>, EmfError> {
    let steps = ["handler", "record", "decode", "store", "dead-letter", "retry"];
    Ok([describe(Processing::default())?, describe_records()?, describe_steps(&steps)?].concat())
}
