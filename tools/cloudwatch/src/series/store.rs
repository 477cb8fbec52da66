use super::blocks::{Block, Blocks, STEPS};
use super::levels::{Levels, Part, Totals};
use crate::metric::{EpochSeconds, MetricKey};
use crate::sample::Sample;
use crate::stats::Statistic;
use std::collections::HashMap;

/// Handle of a metric that some alarm watches: pushing with it costs no look-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MetricId(usize);

impl MetricId {
    /// Its place in tables beside the store: handles are given out from 0 on.
    #[must_use]
    pub fn index(self) -> usize {
        self.0
    }
}

/// The data of the watched metrics. Kept in blocks of sixty steps with running sums, so that a long period costs its
/// blocks, not its minutes.
#[derive(Debug, Default)]
pub struct Store {
    ids: HashMap<MetricKey, Vec<(Option<String>, MetricId)>>,
    series: Vec<Series>,
}

#[derive(Debug)]
struct Series {
    resolution: i64,
    keep_values: bool,
    /// The bounds of the percentile ranks asked of it.
    ranks: Vec<Bounds>,
    blocks: Blocks,
}

/// Exclusive lower and inclusive upper bound.
type Bounds = (Option<f64>, Option<f64>);

impl Store {
    /// Makes room for a metric. `resolution` is 60, or 10 for alarms below a minute; a metric watched
    /// twice gets the finer of the two.
    pub fn watch(&mut self, key: &MetricKey, unit: Option<&str>, resolution: i64, stat: &Statistic) -> MetricId {
        let streams = self.ids.entry(key.clone()).or_default();
        let known = streams.iter().find(|(u, _)| u.as_deref() == unit);
        let id = match known {
            Some((_, id)) => *id,
            None => {
                let id = MetricId(self.series.len());
                streams.push((unit.map(str::to_owned), id));
                self.series.push(Series {
                    resolution,
                    keep_values: false,
                    ranks: Vec::new(),
                    blocks: Blocks::default(),
                });
                id
            }
        };
        if let Some(series) = self.series.get_mut(id.0) {
            series.resolution = series.resolution.min(resolution);
            match stat {
                // A rank is a count, which needs no values to be kept.
                Statistic::PercentileRank { above, up_to } => {
                    if !series.ranks.contains(&(*above, *up_to)) {
                        series.ranks.push((*above, *up_to));
                    }
                }
                stat => series.keep_values |= stat.needs_values(),
            }
        }
        id
    }

    /// The streams a datapoint of this metric and unit goes to. An alarm that names no unit sees
    /// every unit; one that names a unit sees only that.
    pub fn streams<'a>(&'a self, key: &MetricKey, unit: Option<&'a str>) -> impl Iterator<Item = MetricId> + 'a {
        self.ids
            .get(key)
            .into_iter()
            .flatten()
            .filter(move |(wanted, _)| wanted.is_none() || wanted.as_deref() == unit)
            .map(|(_, id)| *id)
    }

    /// Every watched metric.
    pub fn watched(&self) -> impl Iterator<Item = &MetricKey> {
        self.ids.keys()
    }

    /// Records a datapoint.
    pub fn push(&mut self, id: MetricId, at: EpochSeconds, sample: &Sample) {
        let Some(series) = self.series.get_mut(id.0) else {
            return;
        };
        let step = at.div_euclid(series.resolution);
        let block = series.blocks.of(step, || Block::new(series.ranks.len(), series.keep_values));
        let index = step.rem_euclid(STEPS) as usize;
        block.totals.add(index, &Totals::of(sample));
        for ((above, up_to), rank) in series.ranks.iter().zip(&mut block.ranks) {
            rank.add(index, &sample.count_within(*above, *up_to).unwrap_or(f64::NAN));
        }
        if let Some(kept) = block.samples.get_mut(index) {
            merge_into(kept, sample);
        }
    }

    /// The statistic of [start, end) and the number of samples behind it.
    pub fn aggregate(
        &self,
        id: MetricId,
        start: EpochSeconds,
        end: EpochSeconds,
        stat: &Statistic,
    ) -> Option<(f64, f64)> {
        let series = self.series.get(id.0)?;
        let first = start.div_euclid(series.resolution);
        let last = (end - 1).div_euclid(series.resolution);
        let totals = series.within(first, last, |block| Some(&block.totals))?;
        if totals.count <= 0.0 {
            return None;
        }
        let value = match stat {
            Statistic::PercentileRank { above, up_to } => {
                let rank = series.ranks.iter().position(|bounds| *bounds == (*above, *up_to))?;
                100.0 * series.within(first, last, |block| block.ranks.get(rank))? / totals.count
            }
            stat if stat.needs_values() => {
                let mut all: Option<Sample> = None;
                for sample in series.samples(first, last) {
                    merge_into(&mut all, sample);
                }
                stat.of(&all?)?
            }
            stat => stat.plain(totals.count, totals.sum, totals.min, totals.max)?,
        };
        value.is_finite().then_some((value, totals.count))
    }

    /// Forgets everything before `horizon`.
    pub fn prune(&mut self, horizon: EpochSeconds) {
        for series in &mut self.series {
            series.blocks.forget_before(horizon.div_euclid(series.resolution));
        }
    }
}

impl Series {
    /// The sum of the steps first..=last of one of the blocks' parts; `None` where a block lacks it.
    fn within<T: Part + 'static>(
        &self,
        first: i64,
        last: i64,
        part: impl Fn(&Block) -> Option<&Levels<T>>,
    ) -> Option<T> {
        let mut sum = T::NONE;
        for (block, from, to) in self.blocks.between(first, last) {
            sum.add(&part(block)?.within(from, to));
        }
        Some(sum)
    }

    fn samples(&self, first: i64, last: i64) -> impl Iterator<Item = &Sample> {
        self.blocks
            .between(first, last)
            .flat_map(|(block, from, to)| block.samples.get(from..to).into_iter().flatten().flatten())
    }
}

fn merge_into(slot: &mut Option<Sample>, sample: &Sample) {
    match slot {
        Some(present) => present.merge(sample, true),
        None => *slot = Some(sample.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(stat: &str) -> (Store, MetricId, Statistic) {
        let mut store = Store::default();
        let stat: Statistic = stat.parse().unwrap();
        let id = store.watch(&MetricKey::new("n", "m"), None, 60, &stat);
        for minute in 0..300 {
            store.push(id, minute * 60 + 7, &Sample::value(minute as f64).unwrap());
        }
        (store, id, stat)
    }

    #[test]
    fn a_long_period_equals_the_sum_of_its_minutes() {
        let (store, id, sum) = filled("Sum");
        for (from, to) in [(0, 300), (1, 299), (59, 61), (60, 120), (7, 8), (130, 290)] {
            let expected: i64 = (from..to).sum();
            let found = store.aggregate(id, from * 60, to * 60, &sum);
            assert_eq!(found, Some((expected as f64, (to - from) as f64)), "{from}..{to}");
        }
    }

    #[test]
    fn extended_statistics_see_every_value_of_a_long_period() {
        let (store, id, p50) = filled("p50");
        assert_eq!(store.aggregate(id, 0, 300 * 60, &p50), Some((149.0, 300.0)));
        let (store, id, rank) = filled("PR(:59)");
        assert_eq!(store.aggregate(id, 0, 300 * 60, &rank), Some((20.0, 300.0)));
    }

    #[test]
    fn the_past_can_be_forgotten() {
        let (mut store, id, sum) = filled("Sum");
        store.prune(120 * 60);
        assert_eq!(store.aggregate(id, 0, 120 * 60, &sum), None);
        assert!(store.aggregate(id, 120 * 60, 300 * 60, &sum).is_some());
    }

    #[test]
    fn a_unit_separates_streams_and_no_unit_sees_all() {
        let mut store = Store::default();
        let (key, sum) = (MetricKey::new("n", "m"), Statistic::Sum);
        let any = store.watch(&key, None, 60, &sum);
        let seconds = store.watch(&key, Some("Seconds"), 60, &sum);
        let of = |unit| store.streams(&key, unit).collect::<Vec<_>>();
        assert_eq!(of(Some("Seconds")), [any, seconds]);
        assert_eq!(of(Some("Bytes")), [any]);
        assert_eq!(of(None), [any]);
    }
}
