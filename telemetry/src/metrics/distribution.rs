use std::{ops::AddAssign, time::Duration};

use metrique::{
    CloseValue,
    writer::{
        MetricValue, Observation, Unit, Value,
        unit::{Count as CountUnit, Millisecond, UnitTag},
        value::{MetricFlags, ValueWriter},
    },
};

use super::describing::is_describing;

/// Values one metric of one record takes.
const MAX_VALUES: usize = 100;

/// A value, and how often it was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    pub(crate) value: f64,
    pub(crate) count: u64,
}

/// No more than the format takes: beyond, neighbours are joined; count and sum stay exact but for rounding.
pub(crate) fn joined(mut points: Vec<Point>) -> Vec<Point> {
    if points.len() <= MAX_VALUES {
        return points;
    }
    points.sort_by(|a, b| a.value.total_cmp(&b.value));
    points
        .chunks(points.len().div_ceil(MAX_VALUES))
        .map(|near| {
            let count = near.iter().map(|point| point.count).sum();
            let total: f64 = near.iter().map(|point| point.value * point.count as f64).sum();
            Point { value: total / count as f64, count }
        })
        .collect()
}

/// In milliseconds, to the microsecond, so that it is written without the noise of a binary fraction.
pub(crate) fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
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
        let described = (self.0.is_empty() && is_describing()).then_some(0.0);
        let observations = self.0.iter().copied().chain(described).map(Observation::Floating);
        writer.metric(observations, Millisecond::UNIT, [], MetricFlags::empty());
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

/// How many. None is left out: it costs bytes and, in a metric that nothing else writes to, money, and says what silence says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counter(u64);

impl Counter {
    /// How many there are.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0
    }
}

impl AddAssign<u64> for Counter {
    fn add_assign(&mut self, more: u64) {
        self.0 += more;
    }
}

impl From<u64> for Counter {
    fn from(count: u64) -> Self {
        Self(count)
    }
}

/// One, or none.
impl From<bool> for Counter {
    fn from(is: bool) -> Self {
        Self(is.into())
    }
}

impl Value for Counter {
    const UNIT: Unit = CountUnit::UNIT;

    fn write(&self, writer: impl ValueWriter) {
        let there = (self.0 > 0 || is_describing()).then_some(Observation::Unsigned(self.0));
        writer.metric(there, CountUnit::UNIT, [], MetricFlags::empty());
    }
}

impl MetricValue for Counter {
    type Unit = CountUnit;
}

impl CloseValue for Counter {
    type Closed = Self;
    fn close(self) -> Self {
        self
    }
}

impl CloseValue for &Counter {
    type Closed = Counter;
    fn close(self) -> Counter {
        *self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_a_hundred_values_count_and_sum_stay() {
        let joined = joined((1..=1234).map(|value| Point { value: f64::from(value), count: 1 }).collect());
        assert!(joined.len() <= MAX_VALUES);
        let count: u64 = joined.iter().map(|point| point.count).sum();
        let sum: f64 = joined.iter().map(|point| point.value * point.count as f64).sum();
        assert_eq!((count, sum.round() as u64), (1234, (1..=1234).sum()));
    }
}
