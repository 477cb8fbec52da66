//! A line now and then, while something takes long.

use std::time::Duration;

use tokio::time::Instant;

/// Between two lines.
pub(crate) const EVERY: Duration = Duration::from_secs(10);

/// When the last line was written.
#[derive(Debug)]
pub(crate) struct Progress(Instant);

impl Progress {
    pub(crate) fn begin() -> Self {
        Self(Instant::now())
    }

    /// Writes a line, unless it is too early for it.
    pub(crate) fn tell(&mut self, line: impl FnOnce() -> String) {
        if self.0.elapsed() > EVERY {
            cli::note!("{}", line());
            self.0 = Instant::now();
        }
    }
}
