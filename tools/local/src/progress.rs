//! What happens, on stderr: a line a step, so that a log keeps it and nobody wonders.

use std::time::Instant;

/// Says each step as it begins, and the time of the whole.
#[derive(Debug)]
pub(crate) struct Progress(Instant);

impl Progress {
    pub(crate) fn begin() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn step(&self, what: &str) {
        eprintln!("[{:5.1}s] {what}", self.0.elapsed().as_secs_f64());
    }
}
