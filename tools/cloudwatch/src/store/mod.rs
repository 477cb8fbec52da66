//! The metrics: streams of samples per period, by metric and unit, bounded.

mod period;

use std::collections::BTreeMap;

use crate::metric::{EpochSeconds, MetricKey};
use crate::sample::Sample;
use crate::stats::Statistic;

/// A datapoint on its way into the store.
#[derive(Debug, Clone, PartialEq)]
pub struct Datapoint {
    /// Which metric.
    pub key: MetricKey,
    /// Its unit, one of [`crate::UNITS`].
    pub unit: String,
    /// When it was measured.
    pub at: EpochSeconds,
    /// `StorageResolution`: below 60 the second is kept, otherwise the minute.
    pub resolution: u32,
    /// What was measured.
    pub sample: Sample,
}

impl Datapoint {
    /// A datapoint of standard resolution.
    pub fn new(key: MetricKey, unit: &str, at: EpochSeconds, sample: Sample) -> Self {
        Self { key, unit: unit.to_owned(), at, resolution: 60, sample }
    }
}

/// What the store keeps at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Metrics, a unit being a stream of its own.
    pub metrics: usize,
    /// Distinct values of one metric in one period; beyond, the period has no percentiles.
    pub values: usize,
    /// How far back, in seconds. CloudWatch keeps minutes for 15 days.
    pub retention_s: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { metrics: 10_000, values: 10_000, retention_s: 15 * 86_400 }
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

/// The oldest timestamp that CloudWatch takes.
pub const OLDEST_S: i64 = 14 * 86_400;
/// The newest.
pub const NEWEST_S: i64 = 2 * 3_600;
/// Sub-minute periods are kept that long.
const HIGH_RESOLUTION_S: i64 = 3 * 3_600;

/// Samples by the first second of their period.
type Stream = BTreeMap<EpochSeconds, Sample>;

/// The metrics of one account and region.
#[derive(Debug, Default)]
pub struct Store {
    limits: Limits,
    metrics: BTreeMap<MetricKey, BTreeMap<String, Stream>>,
    streams: usize,
    refused: BTreeMap<Refused, u64>,
    /// Periods whose single values were given up.
    crowded: u64,
    pruned: Option<i64>,
}

impl Store {
    /// An empty one.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Records a datapoint.
    ///
    /// # Errors
    /// When it is too old, too new, or one metric too many; that is counted too.
    pub fn push(&mut self, point: &Datapoint, now: EpochSeconds) -> Result<(), Refused> {
        let result = self.try_push(point, now);
        if let Err(refused) = result {
            *self.refused.entry(refused).or_default() += 1;
        }
        result
    }

    /// Whether CloudWatch takes a timestamp.
    ///
    /// # Errors
    /// When it is too old or too new.
    pub fn check(at: EpochSeconds, now: EpochSeconds) -> Result<(), Refused> {
        match at - now {
            ahead if ahead < -OLDEST_S => Err(Refused::TooOld),
            ahead if ahead > NEWEST_S => Err(Refused::TooNew),
            _ => Ok(()),
        }
    }

    fn try_push(&mut self, point: &Datapoint, now: EpochSeconds) -> Result<(), Refused> {
        Self::check(point.at, now)?;
        self.prune(now);
        let known = self.metrics.get(&point.key).is_some_and(|units| units.contains_key(&point.unit));
        if !known && self.streams >= self.limits.metrics {
            return Err(Refused::TooManyMetrics);
        }
        self.streams += usize::from(!known);
        let stream = self.metrics.entry(point.key.clone()).or_default().entry(point.unit.clone()).or_default();
        let step = if point.resolution < 60 { 1 } else { 60 };
        match stream.entry(point.at.div_euclid(step) * step) {
            std::collections::btree_map::Entry::Vacant(entry) => drop(entry.insert(point.sample.clone())),
            std::collections::btree_map::Entry::Occupied(mut entry) => {
                let distinct = |sample: &Sample| sample.distribution().map_or(0, |values| values.len());
                let fits = distinct(entry.get()) + distinct(&point.sample) <= self.limits.values;
                self.crowded += u64::from(!fits);
                entry.get_mut().merge(&point.sample, fits);
            }
        }
        Ok(())
    }

    /// The statistic of [start, end), over one unit or all of them.
    #[must_use]
    pub fn statistic(
        &self,
        key: &MetricKey,
        unit: Option<&str>,
        (start, end): (EpochSeconds, EpochSeconds),
        statistic: &Statistic,
    ) -> Option<f64> {
        statistic.of(&self.sample(key, unit, (start, end), statistic.needs_values())?)
    }

    /// Everything in [start, end) as one sample. Without `values` only its statistic set is sure to be there.
    #[must_use]
    pub fn sample(
        &self,
        key: &MetricKey,
        unit: Option<&str>,
        (start, end): (EpochSeconds, EpochSeconds),
        values: bool,
    ) -> Option<Sample> {
        if start >= end {
            return None;
        }
        let streams = self.metrics.get(key)?.iter().filter(|(name, _)| unit.is_none_or(|unit| unit == name.as_str()));
        period::join(streams.flat_map(|(_, stream)| stream.range(start..end).map(|(_, sample)| sample)), values)
    }

    /// The units a metric has been recorded with.
    pub fn units(&self, key: &MetricKey) -> impl Iterator<Item = &str> {
        self.metrics.get(key).into_iter().flatten().map(|(unit, _)| unit.as_str())
    }

    /// Every metric, and the first second of its newest period.
    pub fn metrics(&self) -> impl Iterator<Item = (&MetricKey, EpochSeconds)> {
        self.metrics.iter().map(|(key, units)| {
            let newest = units.values().filter_map(|stream| stream.last_key_value().map(|(at, _)| *at)).max();
            (key, newest.unwrap_or(i64::MIN))
        })
    }

    /// How many datapoints were not kept, and why.
    pub fn refused(&self) -> impl Iterator<Item = (Refused, u64)> + '_ {
        self.refused.iter().map(|(reason, count)| (*reason, *count))
    }

    /// How often a period gave up its single values because there were too many.
    #[must_use]
    pub fn crowded(&self) -> u64 {
        self.crowded
    }

    /// Forgets what is over its time; once a minute is enough.
    fn prune(&mut self, now: EpochSeconds) {
        if self.pruned == Some(now.div_euclid(60)) {
            return;
        }
        self.pruned = Some(now.div_euclid(60));
        let (horizon, high) = (now - self.limits.retention_s, now - HIGH_RESOLUTION_S);
        for units in self.metrics.values_mut() {
            for stream in units.values_mut() {
                while stream.first_key_value().is_some_and(|(at, _)| *at < horizon) {
                    stream.pop_first();
                }
                period::coarsen(stream, high, self.limits.values);
            }
            let before = units.len();
            units.retain(|_, stream| !stream.is_empty());
            self.streams -= before - units.len();
        }
        self.metrics.retain(|_, units| !units.is_empty());
    }
}

#[cfg(test)]
mod tests;
