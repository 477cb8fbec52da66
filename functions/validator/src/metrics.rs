//! What the validator counts, once per request.

use metrique::unit_of_work::metrics;
use telemetry::metrics::{Counter, EmfError, MetricSpec, describe, describe_steps};

#[metrics(rename_all = "PascalCase")]
#[derive(Debug, Default)]
pub(crate) struct Acceptance {
    /// Confirmed by the queue, each order once.
    pub(crate) orders_accepted: Counter,
    /// Retries of an accepted order, answered as it was.
    pub(crate) orders_repeated: Counter,
    /// Refused for what the client sent; an order refused for a fault of ours counts as neither.
    pub(crate) orders_rejected: Counter,
    /// Not known to be in the queue, and not known not to be.
    pub(crate) orders_uncertain: Counter,
}

/// The metrics that alarms and dashboards may name, beside telemetry's own.
///
/// # Errors
/// When the definition breaks a limit of the embedded metric format.
pub fn metrics() -> Result<Vec<MetricSpec>, EmfError> {
    let steps = ["handler", "request", "parse", "validate", "claim", "enqueue", "confirm"];
    Ok([describe(Acceptance::default())?, describe_steps(&steps)?].concat())
}
