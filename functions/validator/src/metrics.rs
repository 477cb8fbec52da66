//! What the validator counts, once per request.

use metrique::unit_of_work::metrics;
use telemetry::metrics::{Counter, EmfError, MetricSpec, describe, describe_steps};

#[metrics(rename_all = "PascalCase")]
#[derive(Debug, Default)]
pub(crate) struct Acceptance {
    /// Confirmed by the queue.
    pub(crate) orders_accepted: Counter,
    /// Refused for what the client sent; an order refused for a fault of ours counts as neither.
    pub(crate) orders_rejected: Counter,
}

/// The metrics that alarms and dashboards may name, beside telemetry's own.
///
/// # Errors
/// When the definition breaks a limit of the embedded metric format.
pub fn metrics() -> Result<Vec<MetricSpec>, EmfError> {
    Ok([describe(Acceptance::default())?, describe_steps(&["handler", "parse", "validate", "enqueue"])?].concat())
}
