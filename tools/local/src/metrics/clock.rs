//! Metric time: the machine's time, or a faster one for drills.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Runs from the stack's start on; what was before it is not rescaled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    start: f64,
    scale: f64,
}

impl Clock {
    pub(crate) fn start(scale: f64) -> Self {
        Self { start: machine_time(), scale }
    }

    pub(crate) fn scale(&self) -> f64 {
        self.scale
    }

    /// Now, in metric time.
    pub(crate) fn now(&self) -> f64 {
        self.at(machine_time())
    }

    #[expect(clippy::cast_possible_truncation, reason = "epoch seconds")]
    pub(crate) fn now_seconds(&self) -> i64 {
        self.now().floor() as i64
    }

    /// The metric time of a moment of the machine's.
    pub(crate) fn at(&self, machine: f64) -> f64 {
        if machine < self.start { machine } else { self.start + (machine - self.start) * self.scale }
    }

    /// How long it is until that metric time.
    pub(crate) fn until(&self, metric: f64) -> Duration {
        Duration::from_secs_f64(((metric - self.now()) / self.scale).max(0.0))
    }
}

fn machine_time() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_passes_in_a_second_and_the_past_stays() {
        let clock = Clock { start: 1000.0, scale: 60.0 };
        assert_eq!((clock.at(1000.0), clock.at(1001.0), clock.at(999.0)), (1000.0, 1060.0, 999.0));
    }
}
