//! The viewer counts nothing of its own: who looks at it sees what is wrong.

use telemetry::metrics::{EmfError, MetricSpec, describe_steps};

use crate::widgets;

/// The durations that its lines have, beside telemetry's own metrics.
///
/// # Errors
/// When the definition breaks a limit of the embedded metric format.
pub fn metrics() -> Result<Vec<MetricSpec>, EmfError> {
    describe_steps(&["handler", widgets::order::STEP, widgets::dead_letters::STEP, widgets::alarms::STEP])
}
