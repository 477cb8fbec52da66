//! The metrics of one account and region, bounded: read by the API and by the alarms.

mod blocks;
mod levels;
mod limits;
mod recorder;
mod stream;

use std::collections::BTreeMap;

pub use limits::{Limits, Refused, Values};
pub use recorder::Recorder;

use self::stream::{Keep, MINUTE, Rank, Stream, Sums};
use crate::{
    metric::{EpochSeconds, MetricKey},
    sample::Sample,
    stats::Statistic,
    unit::NO_UNIT,
};

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

/// Handle of a metric that an alarm watches: looked up once, not for every datapoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MetricId(usize);

impl MetricId {
    /// Its place in tables beside the store: handles are given out from 0 on.
    #[must_use]
    pub fn index(self) -> usize {
        self.0
    }
}

/// The oldest timestamp that CloudWatch takes, in seconds before now.
pub const OLDEST_S: i64 = 14 * 86_400;
/// The newest, in seconds after now.
pub const NEWEST_S: i64 = 2 * 3_600;
/// Sub-minute periods are kept that long.
const HIGH_RESOLUTION_S: i64 = 3 * 3_600;

/// The metrics of one account and region.
#[derive(Debug, Default)]
pub struct Store {
    limits: Limits,
    ids: BTreeMap<MetricKey, MetricId>,
    metrics: Vec<Metric>,
    /// Places in `metrics` whose metric is forgotten.
    free: Vec<MetricId>,
    /// One a metric and unit.
    streams: usize,
    refused: BTreeMap<Refused, u64>,
    /// Periods whose single values were given up.
    crowded: u64,
    pruned: Option<i64>,
}

#[derive(Debug, Default)]
struct Metric {
    /// One a unit; mostly there is one.
    streams: Vec<Stream>,
    /// Whether an alarm holds its handle.
    watched: bool,
    /// An alarm's period is below a minute.
    fine: bool,
    values: bool,
    ranks: Vec<Rank>,
}

impl Store {
    /// An empty one.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
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

    fn try_push(&mut self, point: &Datapoint, now: EpochSeconds) -> Result<(), Refused> {
        Self::check(point.at, now)?;
        self.prune(now);
        let known = self.ids.get(&point.key).copied();
        let has_stream = known.is_some_and(|id| self.metrics[id.0].streams.iter().any(|s| s.unit == point.unit));
        if !has_stream && self.streams >= self.limits.metrics {
            return Err(Refused::TooManyMetrics);
        }
        let id = known.unwrap_or_else(|| self.add(&point.key));
        self.push_at(id, &point.unit, point.at, point.resolution < 60, &point.sample);
        Ok(())
    }

    /// Records a datapoint of a watched metric, whatever the clock says: for replays. It is kept as finely as the alarms ask.
    pub fn push_watched(&mut self, id: MetricId, unit: Option<&str>, at: EpochSeconds, sample: &Sample) {
        if let Some(fine) = self.metrics.get(id.0).map(|metric| metric.fine) {
            self.push_at(id, unit.unwrap_or(NO_UNIT), at, fine, sample);
        }
    }

    fn push_at(&mut self, id: MetricId, unit: &str, at: EpochSeconds, fine: bool, sample: &Sample) {
        let metric = &mut self.metrics[id.0];
        let place = metric.streams.iter().position(|stream| stream.unit == unit).unwrap_or_else(|| {
            self.streams += 1;
            metric.streams.push(Stream::new(unit));
            metric.streams.len() - 1
        });
        let values = self.limits.keep == Values::All || metric.values;
        let keep = Keep { values, ranks: &metric.ranks, distinct: self.limits.values };
        self.crowded += u64::from(metric.streams[place].push(at, fine, sample, keep));
    }

    fn add(&mut self, key: &MetricKey) -> MetricId {
        let id = self.free.pop().unwrap_or(MetricId(self.metrics.len()));
        if id.0 == self.metrics.len() {
            self.metrics.push(Metric::default());
        }
        self.ids.insert(key.clone(), id);
        id
    }

    /// Makes room for a metric that an alarm watches. `period` says how finely, and the statistic what must be kept.
    pub fn watch(&mut self, key: &MetricKey, period: i64, stat: &Statistic) -> MetricId {
        let id = self.ids.get(key).copied().unwrap_or_else(|| self.add(key));
        let metric = &mut self.metrics[id.0];
        metric.watched = true;
        metric.fine |= period < MINUTE;
        match stat {
            Statistic::PercentileRank { above, up_to } => {
                let rank = (*above, *up_to);
                if !metric.ranks.contains(&rank) {
                    metric.ranks.push(rank);
                    metric.streams.iter_mut().for_each(|stream| stream.add_rank(rank));
                }
            }
            stat => metric.values |= stat.needs_values(),
        }
        id
    }

    /// No alarm holds a handle any more. What was kept for one is kept on, as long as its data.
    pub fn unwatch_all(&mut self) {
        for metric in &mut self.metrics {
            metric.watched = false;
        }
    }

    /// The handle of a metric that an alarm watches.
    #[must_use]
    pub fn watched_id(&self, key: &MetricKey) -> Option<MetricId> {
        self.ids.get(key).copied().filter(|id| self.metrics[id.0].watched)
    }

    /// Every watched metric.
    pub fn watched(&self) -> impl Iterator<Item = &MetricKey> {
        self.ids.iter().filter(|(_, id)| self.metrics[id.0].watched).map(|(key, _)| key)
    }

    /// The statistic of [start, end), over one unit or all of them, and the number of samples behind it.
    #[must_use]
    pub fn aggregate(
        &self,
        id: MetricId,
        unit: Option<&str>,
        (start, end): (EpochSeconds, EpochSeconds),
        stat: &Statistic,
    ) -> Option<(f64, f64)> {
        self.metrics.get(id.0)?.aggregate(unit, (start, end), stat)
    }

    /// The statistic of [start, end), over one unit or all of them.
    #[must_use]
    pub fn statistic(
        &self,
        key: &MetricKey,
        unit: Option<&str>,
        range: (EpochSeconds, EpochSeconds),
        statistic: &Statistic,
    ) -> Option<f64> {
        let id = self.ids.get(key)?;
        self.aggregate(*id, unit, range, statistic).map(|(value, _)| value)
    }

    /// The units a metric has been recorded with.
    pub fn units(&self, key: &MetricKey) -> impl Iterator<Item = &str> {
        let metric = self.ids.get(key).map(|id| &self.metrics[id.0]);
        let mut units: Vec<_> =
            metric.into_iter().flat_map(|metric| &metric.streams).map(|stream| &*stream.unit).collect();
        units.sort_unstable();
        units.into_iter()
    }

    /// Every metric with data, and the first second of its newest minute.
    pub fn metrics(&self) -> impl Iterator<Item = (&MetricKey, EpochSeconds)> {
        self.ids.iter().filter_map(|(key, id)| {
            let newest = self.metrics[id.0].streams.iter().filter_map(|stream| stream.newest).max()?;
            Some((key, newest))
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
        if self.pruned != Some(now.div_euclid(MINUTE)) {
            self.pruned = Some(now.div_euclid(MINUTE));
            self.forget(now - self.limits.retention_s, now - HIGH_RESOLUTION_S);
        }
    }

    /// Forgets everything before `horizon`: for replays, which know how far back their alarms look.
    pub fn forget_before(&mut self, horizon: EpochSeconds) {
        self.forget(horizon, horizon);
    }

    fn forget(&mut self, minutes: EpochSeconds, seconds: EpochSeconds) {
        let (metrics, free, streams) = (&mut self.metrics, &mut self.free, &mut self.streams);
        self.ids.retain(|_, id| {
            let metric = &mut metrics[id.0];
            metric.streams.iter_mut().for_each(|stream| stream.forget(minutes, seconds));
            let keep = metric.watched || metric.streams.iter().any(|stream| stream.newest.is_some());
            if !keep {
                *streams -= metric.streams.len();
                *metric = Metric::default();
                free.push(*id);
            }
            keep
        });
    }
}

impl Metric {
    fn aggregate(
        &self,
        unit: Option<&str>,
        (start, end): (EpochSeconds, EpochSeconds),
        stat: &Statistic,
    ) -> Option<(f64, f64)> {
        if start >= end {
            return None;
        }
        let rank = match stat {
            Statistic::PercentileRank { above, up_to } => {
                let rank = (*above, *up_to);
                self.ranks.iter().position(|known| *known == rank).map(|place| (place, rank))
            }
            _ => None,
        };
        let streams = || self.streams.iter().filter(|stream| unit.is_none_or(|unit| unit == stream.unit));
        let mut sums = Sums::NONE;
        for stream in streams() {
            stream.sum(start, end, rank, &mut sums)?;
        }
        let totals = sums.totals;
        if totals.count <= 0.0 {
            return None;
        }
        let value = match stat.plain(totals.count, totals.sum, totals.min, totals.max) {
            Some(plain) => plain,
            None if rank.is_some() => 100.0 * sums.within / totals.count,
            None => {
                let mut samples = Vec::new();
                for stream in streams() {
                    stream.samples(start, end, &mut samples)?;
                }
                of_many(stat, &samples)?
            }
        };
        value.is_finite().then_some((value, totals.count))
    }
}

/// The statistic of many samples; their values are sorted once, however many samples there are.
fn of_many(stat: &Statistic, samples: &[&Sample]) -> Option<f64> {
    match samples {
        [sample] => stat.of(sample),
        samples => {
            let mut pairs = Vec::new();
            for sample in samples {
                pairs.extend_from_slice(&sample.distribution()?);
            }
            stat.of(&Sample::values(&pairs).ok()?)
        }
    }
}

#[cfg(test)]
mod tests;
