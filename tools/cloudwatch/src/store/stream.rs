//! One metric in one unit.

use std::collections::BTreeMap;

use super::{
    blocks::{Block, Blocks, STEPS},
    levels::{Levels, Part, Totals},
};
use crate::{metric::EpochSeconds, sample::Sample};

/// Exclusive lower and inclusive upper bound.
pub(super) type Rank = (Option<f64>, Option<f64>);

pub(super) const MINUTE: i64 = 60;

/// What is kept of a datapoint beside its statistic set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keep<'a> {
    /// Single values, for percentiles and their like.
    pub(super) values: bool,
    /// The bounds of the percentile ranks that alarms ask for: a count, which needs no values.
    pub(super) ranks: &'a [Rank],
    /// Distinct values of a minute at most.
    pub(super) distinct: usize,
}

/// Its data, in blocks of sixty minutes with running sums, so that a long period costs its blocks and not its minutes; and second by
/// second where it has been recorded so.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) unit: String,
    minutes: Blocks,
    seconds: Option<Seconds>,
    /// The start of the newest minute with data.
    pub(super) newest: Option<EpochSeconds>,
}

/// Everything from a minute on, second by second; what is recorded by the minute lies on its first second.
#[derive(Debug)]
struct Seconds {
    from: EpochSeconds,
    samples: BTreeMap<EpochSeconds, Sample>,
}

/// What a range of time comes to, before its statistic is taken.
#[derive(Debug)]
pub(super) struct Sums {
    pub(super) totals: Totals,
    /// How many values lie within the asked rank.
    pub(super) within: f64,
}

impl Sums {
    pub(super) const NONE: Sums = Sums { totals: Totals::NONE, within: 0.0 };
}

impl Stream {
    pub(super) fn new(unit: &str) -> Self {
        Stream { unit: unit.to_owned(), minutes: Blocks::default(), seconds: None, newest: None }
    }

    /// Records a datapoint; says whether the minute's single values had to be given up.
    pub(super) fn push(&mut self, at: EpochSeconds, fine: bool, sample: &Sample, keep: Keep<'_>) -> bool {
        let minute = at.div_euclid(MINUTE);
        let index = minute.rem_euclid(STEPS) as usize;
        if fine {
            self.seconds_from(minute * MINUTE);
        }
        let block = self.minutes.of(minute, || Block::new(keep.ranks.len(), keep.values));
        block.totals.add(index, &Totals::of(sample));
        for ((above, up_to), rank) in keep.ranks.iter().zip(&mut block.ranks) {
            rank.add(index, &sample.count_within(*above, *up_to).unwrap_or(f64::NAN));
        }
        let crowded = block.samples.get_mut(index).is_some_and(|kept| merge(kept, sample, keep.distinct));
        self.newest = self.newest.max(Some(minute * MINUTE));
        if let Some(seconds) = self.seconds.as_mut().filter(|seconds| at >= seconds.from) {
            let second = if fine { at } else { minute * MINUTE };
            match seconds.samples.get_mut(&second) {
                Some(kept) => drop(merge_into(kept, sample, keep.distinct)),
                None => drop(seconds.samples.insert(second, sample.clone())),
            }
        }
        crowded
    }

    /// Keeps seconds from that minute on; what is there by the minute stays on its first second.
    fn seconds_from(&mut self, minute: EpochSeconds) {
        let until = match &self.seconds {
            Some(seconds) if seconds.from <= minute => return,
            Some(seconds) => seconds.from,
            None => self.newest.map_or(minute, |newest| newest + MINUTE),
        };
        let mut samples = self.seconds.take().map(|seconds| seconds.samples).unwrap_or_default();
        for (block, at, index) in self.steps(minute, until) {
            let kept = block.samples.get(index).cloned().flatten().or_else(|| {
                let totals = block.totals.within(index, index + 1);
                Sample::statistics(totals.count, totals.sum, totals.min, totals.max).ok()
            });
            samples.extend(kept.map(|sample| (at, sample)));
        }
        self.seconds = Some(Seconds { from: minute, samples });
    }

    /// The minutes in [from, until).
    fn steps(&self, from: EpochSeconds, until: EpochSeconds) -> Vec<(&Block, EpochSeconds, usize)> {
        (from.div_euclid(MINUTE)..until.div_euclid(MINUTE))
            .flat_map(|minute| {
                self.minutes.between(minute, minute).map(move |(block, index, _)| (block, minute * MINUTE, index))
            })
            .collect()
    }

    /// [start, end) as whole minutes, and the seconds that must be looked at one by one.
    fn split(&self, start: EpochSeconds, end: EpochSeconds) -> ((i64, i64), impl Iterator<Item = &Sample>) {
        let aligned = start % MINUTE == 0 && end % MINUTE == 0;
        let seconds = self.seconds.as_ref().filter(|seconds| !aligned && seconds.from < end);
        let until = seconds.map_or(end, |seconds| seconds.from.max(start));
        // Without seconds a minute lies on its first one.
        let minutes = (-(-start).div_euclid(MINUTE), (until - 1).div_euclid(MINUTE));
        let fine = seconds.into_iter().flat_map(move |seconds| {
            let from = seconds.from.max(start);
            seconds.samples.range(from..end.max(from)).map(|(_, sample)| sample)
        });
        (minutes, fine)
    }

    /// Adds what lies in [start, end); `rank` is the place of the percentile rank that is asked for.
    pub(super) fn sum(
        &self,
        start: EpochSeconds,
        end: EpochSeconds,
        rank: Option<(usize, Rank)>,
        sums: &mut Sums,
    ) -> Option<()> {
        let ((first, last), seconds) = self.split(start, end);
        for (block, from, to) in self.minutes.between(first, last) {
            sums.totals.add(&block.totals.within(from, to));
            if let Some((place, _)) = rank {
                sums.within += block.ranks.get(place)?.within(from, to);
            }
        }
        for sample in seconds {
            sums.totals.add(&Totals::of(sample));
            if let Some((_, (above, up_to))) = rank {
                sums.within += sample.count_within(above, up_to)?;
            }
        }
        Some(())
    }

    /// Every sample in [start, end); `None` where single values are not kept.
    pub(super) fn samples<'a>(
        &'a self,
        start: EpochSeconds,
        end: EpochSeconds,
        out: &mut Vec<&'a Sample>,
    ) -> Option<()> {
        let ((first, last), seconds) = self.split(start, end);
        for (block, from, to) in self.minutes.between(first, last) {
            if block.samples.is_empty() {
                if block.totals.within(from, to).count > 0.0 {
                    return None;
                }
                continue;
            }
            out.extend(block.samples.get(from..to).into_iter().flatten().flatten());
        }
        out.extend(seconds);
        Some(())
    }

    /// Counts a further rank, of what is kept already.
    pub(super) fn add_rank(&mut self, (above, up_to): Rank) {
        for block in self.minutes.all_mut() {
            let mut levels = Levels::new();
            for index in 0..STEPS as usize {
                if block.totals.within(index, index + 1).count > 0.0 {
                    let sample = block.samples.get(index).and_then(Option::as_ref);
                    let within = sample.and_then(|sample| sample.count_within(above, up_to));
                    levels.add(index, &within.unwrap_or(f64::NAN));
                }
            }
            block.ranks.push(levels);
        }
    }

    /// Forgets the minutes and the seconds before a moment each.
    pub(super) fn forget(&mut self, minutes: EpochSeconds, seconds: EpochSeconds) {
        self.minutes.forget_before(minutes.div_euclid(MINUTE));
        let seconds = seconds.div_euclid(MINUTE) * MINUTE;
        if let Some(kept) = self.seconds.as_mut().filter(|kept| kept.from < seconds) {
            kept.samples = kept.samples.split_off(&seconds);
            kept.from = seconds;
            if kept.samples.is_empty() {
                self.seconds = None;
            }
        }
        if self.minutes.is_empty() {
            self.newest = None;
        }
    }
}

fn merge(slot: &mut Option<Sample>, sample: &Sample, distinct: usize) -> bool {
    match slot {
        Some(kept) => merge_into(kept, sample, distinct),
        None => {
            *slot = Some(sample.clone());
            false
        }
    }
}

/// Says whether the single values had to be given up.
fn merge_into(kept: &mut Sample, sample: &Sample, distinct: usize) -> bool {
    let of = |sample: &Sample| sample.distribution().map_or(0, |values| values.len());
    let fits = of(kept) + of(sample) <= distinct;
    kept.merge(sample, fits);
    !fits
}
