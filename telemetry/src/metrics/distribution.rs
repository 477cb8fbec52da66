use std::cell::Cell;
use std::time::Duration;

use metrique::CloseValue;
use metrique::writer::unit::Millisecond;
use metrique::writer::unit::UnitTag;
use metrique::writer::value::{MetricFlags, ValueWriter};
use metrique::writer::{MetricValue, Observation, Unit, Value};

use crate::field::millis;

/// Values one metric of one record takes.
const MAX_VALUES: usize = 100;

thread_local! {
    static DESCRIBING: Cell<bool> = const { Cell::new(false) };
}

/// A field of durations in milliseconds, one value per thing measured: percentiles are true ones.
///
/// Beyond a hundred values neighbours are joined; count and sum stay exact.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Millis(Vec<f64>);

impl Millis {
    /// Adds one duration.
    pub fn push(&mut self, duration: Duration) {
        self.0.push(millis(duration));
    }

    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none; then the metric is left out of the record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn observations(&self) -> Vec<Observation> {
        if self.0.len() <= MAX_VALUES {
            return self.0.iter().copied().map(Observation::Floating).collect();
        }
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
            .chunks(sorted.len().div_ceil(MAX_VALUES))
            .map(|near| Observation::Repeated { total: near.iter().sum(), occurrences: near.len() as u64 })
            .collect()
    }
}

impl Extend<Duration> for Millis {
    fn extend<I: IntoIterator<Item = Duration>>(&mut self, durations: I) {
        self.0.extend(durations.into_iter().map(millis));
    }
}

impl FromIterator<Duration> for Millis {
    fn from_iter<I: IntoIterator<Item = Duration>>(durations: I) -> Self {
        Self(durations.into_iter().map(millis).collect())
    }
}

impl Value for Millis {
    const UNIT: Unit = Millisecond::UNIT;

    fn write(&self, writer: impl ValueWriter) {
        let observations =
            if self.0.is_empty() && DESCRIBING.get() { vec![Observation::Floating(0.0)] } else { self.observations() };
        if !observations.is_empty() {
            writer.metric(observations, Millisecond::UNIT, [], MetricFlags::empty());
        }
    }
}

impl MetricValue for Millis {
    type Unit = Millisecond;
}

impl CloseValue for Millis {
    type Closed = Self;
    fn close(self) -> Self {
        self
    }
}

impl CloseValue for &Millis {
    type Closed = Millis;
    fn close(self) -> Millis {
        self.clone()
    }
}

/// Has empty distributions write a value, so that a description names them.
pub(super) fn describing<R>(write: impl FnOnce() -> R) -> R {
    let before = DESCRIBING.replace(true);
    let result = write();
    DESCRIBING.set(before);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_a_hundred_values_count_and_sum_stay() {
        let all: Millis = (1..=1234).map(Duration::from_millis).collect();
        let observations = all.observations();
        assert!(observations.len() <= MAX_VALUES);
        let (count, sum) = observations.iter().fold((0, 0.0), |(count, sum), observation| match observation {
            Observation::Repeated { total, occurrences } => (count + occurrences, sum + total),
            other => panic!("unexpected {other:?}"),
        });
        assert_eq!((count, sum.round() as u64), (1234, (1..=1234).sum()));
    }
}
