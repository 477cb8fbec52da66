//! The metrics this crate emits itself.

use metrique::unit::Count;
use metrique::unit_of_work::metrics;

use super::Millis;

/// Once per invocation, by `Service` and `Environment`.
#[metrics(rename_all = "PascalCase")]
#[derive(Debug)]
pub(crate) struct InvocationMetrics {
    /// 1 in the first invocation of an execution environment, absent in the others.
    #[metrics(unit = Count)]
    pub(crate) cold_start: Option<u64>,
    /// What telemetry lost: documents, records, lines, fields.
    #[metrics(unit = Count)]
    pub(crate) telemetry_dropped: u64,
}

/// Once per step name and invocation, by `Step` too.
#[metrics(rename_all = "PascalCase", emf::dimension_sets = [["Step"]])]
#[derive(Debug)]
pub(crate) struct StepMetrics {
    pub(crate) step: &'static str,
    /// How long each run of the step took, in milliseconds.
    pub(crate) step_duration: Millis,
}
