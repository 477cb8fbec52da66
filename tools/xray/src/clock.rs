//! The service's time, as an argument: a test or a drill can run it at its own speed.

use std::{
    fmt,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// Where the service reads the time from.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self::new(SystemTime::now)
    }

    /// A clock of the caller's own.
    pub fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Seconds since the Unix epoch, the unit of every time in X-Ray.
    pub fn epoch_seconds(&self) -> f64 {
        // A clock before 1970 reads as 1970: there is no earlier time in X-Ray.
        (self.0)().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
