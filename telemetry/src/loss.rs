use std::sync::atomic::{AtomicU64, Ordering};

/// Why something was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The daemon's socket refused a document, or nobody received one.
    Socket,
    /// A text of a document was too long for X-Ray, and was cut.
    Cut,
    /// OpenTelemetry's translator would not have a step.
    Untranslatable,
    /// A step was in a document over what an invocation may send.
    TooMany,
    /// A step had more fields than it may.
    Fields,
    /// A metric record was refused.
    Metrics,
    /// A value that CloudWatch does not take was left out.
    Values,
    /// A log line could not be written.
    Output,
    /// A step, line or record came when its invocation was over.
    Late,
}

const REASONS: usize = 9;

/// Everything this process lost and has not reported yet.
#[derive(Debug, Default)]
pub(crate) struct Dropped([AtomicU64; REASONS]);

/// What was lost since the last report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Losses([u64; REASONS]);

impl Dropped {
    pub(crate) fn add(&self, reason: Reason, count: u64) {
        if count > 0 {
            self.0[reason as usize].fetch_add(count, Ordering::Relaxed);
        }
    }

    pub(crate) fn add_all(&self, losses: Losses) {
        for (at, count) in losses.0.into_iter().enumerate().filter(|(_, count)| *count > 0) {
            self.0[at].fetch_add(count, Ordering::Relaxed);
        }
    }

    pub(crate) fn take(&self) -> Losses {
        Losses(std::array::from_fn(|at| self.0[at].swap(0, Ordering::Relaxed)))
    }
}

impl Losses {
    const NAMES: [&'static str; REASONS] = [
        "socket",
        "cut",
        "untranslatable",
        "tooManySteps",
        "tooManyFields",
        "metrics",
        "metricValues",
        "output",
        "late",
    ];

    pub(crate) fn add(&mut self, reason: Reason, count: u64) {
        self.0[reason as usize] += count;
    }

    pub(crate) fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Those there are, by name.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Self::NAMES.into_iter().zip(self.0).filter(|(_, count)| *count > 0)
    }
}
