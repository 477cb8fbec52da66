/// What the store keeps at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Metrics, a unit being a stream of its own.
    pub metrics: usize,
    /// Distinct values of one metric in one period; beyond, the period has no percentiles.
    pub values: usize,
    /// How far back, in seconds. CloudWatch keeps minutes for 15 days.
    pub retention_s: i64,
    /// Which single values are kept.
    pub keep: Values,
}

/// Which single values are kept: percentiles and trimmed statistics need them, the plain statistics don't.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Values {
    /// All: any question may be asked.
    #[default]
    All,
    /// Those that an alarm asks for: a replay's memory stays small.
    Watched,
}

impl Default for Limits {
    fn default() -> Self {
        Self { metrics: 10_000, values: 10_000, retention_s: 15 * 86_400, keep: Values::All }
    }
}

impl Limits {
    /// A replay's: no end of metrics, and the values that its alarms ask for.
    #[must_use]
    pub fn replay() -> Self {
        Self { metrics: usize::MAX, values: usize::MAX, keep: Values::Watched, ..Self::default() }
    }
}

/// Why a datapoint is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum Refused {
    /// Two weeks and more ago.
    #[error("it is older than two weeks")]
    TooOld,
    /// More than two hours ahead.
    #[error("it is more than two hours ahead")]
    TooNew,
    /// One metric too many.
    #[error("the store is full of metrics")]
    TooManyMetrics,
}
