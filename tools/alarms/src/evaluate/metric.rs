//! One metric alarm at work.

use cloudwatch::{
    MetricId, Store,
    math::{Gaps, Grid, Slot},
};
use smallvec::SmallVec;

use super::{
    Options,
    missing::{Decision, Verdict, decide_as},
    window::{interval, range_of, sliding_end, slots, step_of_ends},
};
use crate::model::{EpochSeconds, LowSamples, MetricAlarm, MissingData, Source, Window};

/// A datapoint of the series the alarm watches.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Datapoint {
    /// The period.
    pub slot: Slot,
    /// `None` when the datapoint is missing.
    pub point: Option<Point>,
}

/// A value and the number of samples behind it (0 for an expression, which has no samples).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The statistic or the expression's result.
    pub value: f64,
    /// SampleCount.
    pub samples: f64,
}

/// The state an evaluation needs between two moments.
#[derive(Debug)]
pub(super) struct MetricRuntime {
    /// Store handles, by query index.
    inputs: Vec<Option<MetricId>>,
    /// Not evaluated yet: due at once, whatever the clock says.
    pub(super) fresh: bool,
    treatment: MissingData,
    range: usize,
    /// Points of past evaluations by start time, direct-mapped; empty when points depend on the range.
    cache: Vec<Cached>,
    cache_step: i64,
    /// End of the newest period evaluated so far.
    evaluated_to: EpochSeconds,
    breaches: Vec<Option<bool>>,
    gaps: Gaps,
}

#[derive(Clone, Copy, Debug)]
struct Cached {
    start: EpochSeconds,
    point: Option<Point>,
}

/// Marks an empty cache entry: no period starts there.
const NEVER: EpochSeconds = EpochSeconds::MIN;

impl MetricRuntime {
    pub(super) fn new(alarm: &MetricAlarm, store: &mut Store, options: &Options) -> Self {
        let resolution = interval(alarm);
        let inputs = alarm
            .spec
            .queries
            .iter()
            .map(|query| match &query.source {
                Source::Metric { metric, stat, .. } => Some(store.watch(metric, resolution, stat)),
                Source::Expression(_) => None,
            })
            .collect();
        let range = range_of(alarm, options);
        let cache_step = step_of_ends(alarm, options);
        let sliding = alarm.spec.window == Window::Sliding;
        let cacheable = sliding && alarm.program().is_pointwise();
        let entries = (range as i64 * alarm.spec.period / cache_step + 1) as usize;
        MetricRuntime {
            inputs,
            fresh: true,
            treatment: options.dynamodb.treatment(alarm),
            range,
            cache: vec![Cached { start: NEVER, point: None }; if cacheable { entries } else { 0 }],
            cache_step,
            evaluated_to: NEVER,
            breaches: Vec::with_capacity(range),
            gaps: options.gaps,
        }
    }

    pub(super) fn inputs(&self) -> impl Iterator<Item = MetricId> + '_ {
        self.inputs.iter().flatten().copied()
    }

    pub(super) fn treatment(&self) -> MissingData {
        self.treatment
    }

    /// Seconds of data an evaluation can look back on.
    pub(super) fn look_back(&self, alarm: &MetricAlarm) -> i64 {
        // A wall-clock day or week may be an hour longer, and its last completed one a period old.
        (self.range as i64 + 2) * alarm.spec.period + 7_200
    }

    /// A datapoint has arrived: points already computed from its period are stale.
    pub(super) fn invalidate(&mut self, alarm: &MetricAlarm, at: EpochSeconds) {
        if self.cache.is_empty() || at >= self.evaluated_to {
            return;
        }
        let (step, len) = (self.cache_step, self.cache.len() as i64);
        let newest = at.div_euclid(step);
        let oldest = (at - alarm.spec.period).div_euclid(step);
        for index in oldest.max(newest - len + 1)..=newest {
            self.cache[index.rem_euclid(len) as usize].start = NEVER;
        }
    }

    /// Evaluates at `now`.
    pub(super) fn evaluate(
        &mut self,
        alarm: &MetricAlarm,
        store: &Store,
        now: EpochSeconds,
        options: &Options,
    ) -> Decision {
        let mut breaches = std::mem::take(&mut self.breaches);
        breaches.clear();
        let spec = &alarm.spec;
        let breaching = |point: &Point| spec.comparison.breaches(point.value, spec.threshold);
        let mut newest = None;
        if self.cache.is_empty() {
            for datapoint in self.window(alarm, store, now, options) {
                breaches.push(datapoint.point.as_ref().map(breaching));
                newest = datapoint.point.or(newest);
            }
        } else {
            let end = sliding_end(alarm, now, options);
            self.evaluated_to = self.evaluated_to.max(end);
            // Divisions once, not for every point: this loop is most of an evaluation.
            let len = self.cache.len();
            let stride = (spec.period / self.cache_step) as usize;
            let mut start = end - self.range as i64 * spec.period;
            let mut index = start.div_euclid(self.cache_step).rem_euclid(len as i64) as usize;
            for _ in 0..self.range {
                let point = self.cached(alarm, store, index, start);
                breaches.push(point.as_ref().map(breaching));
                newest = point.or(newest);
                start += spec.period;
                index += stride;
                if index >= len {
                    index -= len;
                }
            }
        }
        let n = spec.evaluation_periods as usize;
        let m = spec.datapoints_to_alarm as usize;
        let mut decision = decide_as(&breaches, n, m, self.treatment, (options.early, options.old));
        self.breaches = breaches;
        if spec.low_samples == LowSamples::Ignore && too_few(alarm, newest) {
            decision.verdict = Verdict::Retain;
        }
        decision
    }

    /// The datapoints an evaluation at `now` looks at, oldest first.
    pub(super) fn window(
        &self,
        alarm: &MetricAlarm,
        store: &Store,
        now: EpochSeconds,
        options: &Options,
    ) -> Vec<Datapoint> {
        let slots = slots(alarm, now, options);
        let points = self.points(alarm, store, &slots);
        let join = |(slot, point): (Slot, _)| Datapoint { slot, point };
        slots.into_iter().zip(points).map(join).collect()
    }

    fn cached(&mut self, alarm: &MetricAlarm, store: &Store, index: usize, start: EpochSeconds) -> Option<Point> {
        if self.cache[index].start != start {
            let slot = Slot { start, end: start + alarm.spec.period };
            let point = self.points(alarm, store, &[slot]).pop().flatten();
            self.cache[index] = Cached { start, point };
        }
        self.cache[index].point
    }

    fn points(&self, alarm: &MetricAlarm, store: &Store, slots: &[Slot]) -> SmallVec<[Option<Point>; 1]> {
        let one = |index: usize, slot: &Slot| {
            let query = alarm.spec.queries.get(index)?;
            let id = self.inputs.get(index).copied().flatten()?;
            match &query.source {
                Source::Metric { stat, unit, .. } => store.aggregate(id, unit.as_deref(), (slot.start, slot.end), stat),
                Source::Expression(_) => None,
            }
        };
        if alarm.direct_statistic().is_some() {
            let point = |slot| one(alarm.spec.returned, slot).map(|(value, samples)| Point { value, samples });
            return slots.iter().map(point).collect();
        }
        let grid = Grid { slots, period: alarm.spec.period, gaps: self.gaps };
        let input = |index| {
            let value = |slot| one(index, slot).map(|(value, _)| value);
            slots.iter().map(value).collect()
        };
        let values = alarm.program().run(&grid, input);
        let point = |value: Option<f64>| value.map(|value| Point { value, samples: 0.0 });
        values.into_iter().map(point).collect()
    }
}

fn too_few(alarm: &MetricAlarm, newest: Option<Point>) -> bool {
    let limit = alarm.direct_statistic().and_then(|stat| stat.significant_samples());
    limit
        .zip(newest)
        // 10 / (1 - 0.99) is a little above 1000 in binary.
        .is_some_and(|(limit, point)| point.samples < limit.round())
}
