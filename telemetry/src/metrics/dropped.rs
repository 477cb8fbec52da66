use std::sync::atomic::{AtomicU64, Ordering};

/// Why something was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The daemon's socket refused a document, or nobody received one.
    Socket,
    /// A document stayed over 64 kB.
    TooLarge,
    /// A span could not be translated.
    Untranslatable,
    /// An invocation opened more steps than it may send.
    TooMany,
    /// A step had more fields than it may.
    Fields,
    /// A metric record was refused.
    Metrics,
    /// A log line could not be written.
    Output,
}

const REASONS: usize = 7;

/// Everything this process lost and has not reported yet.
#[derive(Debug, Default)]
pub(crate) struct Dropped([AtomicU64; REASONS]);

/// What was lost since the last report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Losses(pub(crate) [u64; REASONS]);

impl Dropped {
    pub(crate) fn add(&self, reason: Reason, count: u64) {
        if count > 0 {
            self.0[reason as usize].fetch_add(count, Ordering::Relaxed);
        }
    }

    pub(crate) fn take(&self) -> Losses {
        Losses(std::array::from_fn(|at| self.0[at].swap(0, Ordering::Relaxed)))
    }
}

impl Losses {
    pub(crate) const NAMES: [&'static str; REASONS] =
        ["socket", "tooLarge", "untranslatable", "tooManySteps", "tooManyFields", "metrics", "output"];

    pub(crate) fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}
