//! What the validator counts, once per request.

use metrique::{unit::Count, unit_of_work::metrics};
use telemetry::metrics::{EmfError, MetricSpec, describe};

#[metrics(rename_all = "PascalCase")]
#[derive(Debug, Default)]
pub(crate) struct Acceptance {
    /// Confirmed by the queue, each order once.
    #[metrics(unit = Count)]
    pub(crate) orders_accepted: u64,
    /// Retries of an accepted order, answered as it was.
    #[metrics(unit = Count)]
    pub(crate) orders_repeated: u64,
    /// Refused for what the client sent; an order refused for a fault of ours counts as neither.
    #[metrics(unit = Count)]
    pub(crate) orders_rejected: u64,
    /// Not known to be in the queue, and not known not to be.
    #[metrics(unit = Count)]
    pub(crate) orders_uncertain: u64,
}

/// The metrics that alarms and dashboards may name, beside telemetry's own.
///
/// # Errors
/// When the definition breaks a limit of the embedded metric format.
pub fn metrics() -> Result<Vec<MetricSpec>, EmfError> {
    describe(Acceptance::default())
}
