//! The evaluator: datapoints in, transitions out, on a clock that the caller owns.

mod composites;
mod metric;
mod missing;
mod options;
mod reason;
mod states;
mod transition;
mod window;

pub use metric::{Datapoint, Point};
pub use missing::{Decision, Verdict, decide};
pub use options::{DynamoDbReading, Options};
pub use transition::{ActionOutcome, Status, Transition};

use crate::catalogue::{Catalogue, NotEvaluated};
use crate::model::{Actions, EpochSeconds, MetricKey, State};
use cloudwatch::Sample;
use cloudwatch::series::{MetricId, Store};
use composites::CompositeRuntime;
use metric::MetricRuntime;
use states::States;
use std::collections::HashMap;

/// Evaluates the alarms of a catalogue as data come in.
///
/// Metric alarms come first in every list of places, composites after them.
#[derive(Debug)]
pub struct Evaluator {
    catalogue: Catalogue,
    options: Options,
    store: Store,
    metrics: Vec<MetricRuntime>,
    composites: Vec<CompositeRuntime>,
    states: States,
    not_evaluated: Vec<NotEvaluated>,
    /// Which metric alarms watch a stream.
    watchers: Vec<Vec<usize>>,
    ticked: Option<EpochSeconds>,
    /// The hour in which the past was last forgotten.
    pruned: Option<i64>,
    /// Longest look-back of any alarm, in seconds.
    reach: i64,
    step: i64,
}

impl Evaluator {
    /// An evaluator with the default [`Options`].
    pub fn new(catalogue: Catalogue) -> Self {
        Self::with_options(catalogue, Options::default())
    }

    /// An evaluator that reads AWS's open points as `options` say.
    pub fn with_options(catalogue: Catalogue, options: Options) -> Self {
        let mut store = Store::default();
        let metrics: Vec<_> =
            catalogue.metric_alarms.iter().map(|alarm| MetricRuntime::new(alarm, &mut store, &options)).collect();
        let mut watchers: Vec<Vec<usize>> = Vec::new();
        let mut reach = 0;
        for (place, (runtime, alarm)) in metrics.iter().zip(&catalogue.metric_alarms).enumerate() {
            reach = reach.max(runtime.reach(alarm));
            for id in runtime.inputs() {
                if watchers.len() <= id.index() {
                    watchers.resize(id.index() + 1, Vec::new());
                }
                watchers[id.index()].push(place);
            }
        }
        let names: Vec<&str> = catalogue.names().collect();
        let places: HashMap<&str, usize> = names.iter().enumerate().map(|(place, name)| (*name, place)).collect();
        let (composites, mut not_evaluated) = composites::order(&catalogue.composites, &places, metrics.len());
        not_evaluated.extend(catalogue.not_supported.iter().cloned());
        let states = States::of_new(names.iter().copied());
        let step = catalogue.metric_alarms.iter().map(window::interval).min().unwrap_or(60);
        Evaluator {
            catalogue,
            options,
            store,
            metrics,
            composites,
            states,
            not_evaluated,
            watchers,
            ticked: None,
            pruned: None,
            reach,
            step,
        }
    }

    /// The alarms.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Alarms without a state of their own here, and why.
    pub fn not_evaluated(&self) -> &[NotEvaluated] {
        &self.not_evaluated
    }

    /// Every metric that some alarm watches.
    pub fn watched(&self) -> impl Iterator<Item = &MetricKey> {
        self.store.watched()
    }

    /// The streams a datapoint of this metric goes to; empty when no alarm watches it. Look it up once
    /// and use [`Evaluator::push_to`] where many datapoints come in.
    pub fn streams(&self, metric: &MetricKey, unit: Option<&str>) -> Vec<MetricId> {
        self.store.streams(metric, unit).collect()
    }

    /// Records a datapoint; says whether any alarm watches the metric. Late datapoints are welcome: the
    /// next tick sees them.
    pub fn push(&mut self, metric: &MetricKey, unit: Option<&str>, at: EpochSeconds, sample: &Sample) -> bool {
        let streams = self.streams(metric, unit);
        for id in &streams {
            self.push_to(*id, at, sample);
        }
        !streams.is_empty()
    }

    /// Records a datapoint of a stream.
    pub fn push_to(&mut self, id: MetricId, at: EpochSeconds, sample: &Sample) {
        self.store.push(id, at, sample);
        for place in self.watchers.get(id.index()).into_iter().flatten() {
            self.metrics[*place].invalidate(&self.catalogue.metric_alarms[*place], at);
        }
    }

    /// Advances the clock to `now`, evaluating at every moment that is due on the way. The first tick
    /// creates the alarms: all are evaluated at once. A clock that stands still or runs back does nothing.
    pub fn tick(&mut self, now: EpochSeconds) -> Vec<Transition> {
        let mut transitions = Vec::new();
        let target = now.div_euclid(self.step) * self.step;
        match self.ticked {
            None => {
                self.states.created(now);
                self.evaluate_at(target, true, &mut transitions);
                self.ticked = Some(target);
            }
            Some(last) => {
                let mut at = last + self.step;
                while at <= target {
                    self.evaluate_at(at, false, &mut transitions);
                    self.ticked = Some(at);
                    at += self.step;
                }
            }
        }
        // Once an hour is enough, whatever the distance of the ticks.
        let hour = target.div_euclid(3_600);
        if self.pruned != Some(hour) {
            self.pruned = Some(hour);
            self.store.prune(target - self.reach - 3_600);
        }
        transitions
    }

    /// The state of an alarm, by its full name.
    pub fn state(&self, name: &str) -> Option<State> {
        self.status(name).map(|status| status.state)
    }

    /// An alarm as DescribeAlarms would show it.
    pub fn status(&self, name: &str) -> Option<&Status> {
        Some(&self.states.all()[self.states.place(name)?])
    }

    /// Every alarm's status.
    pub fn statuses(&self) -> &[Status] {
        self.states.all()
    }

    /// The datapoints a metric alarm looked at when last evaluated, oldest first.
    pub fn window(&self, name: &str) -> Option<Vec<Datapoint>> {
        let place = self.catalogue.metric_alarms.iter().position(|a| a.spec.name == name)?;
        let alarm = &self.catalogue.metric_alarms[place];
        Some(self.metrics[place].window(alarm, &self.store, self.ticked?, &self.options))
    }

    /// SetAlarmState: holds until the next evaluation of the alarm.
    pub fn set_state(&mut self, name: &str, to: State, reason: &str) -> Option<Transition> {
        let place = self.states.place(name)?;
        let now = self.ticked.unwrap_or_default();
        if self.states.at(place) == to {
            return None;
        }
        let from = self.states.change(place, to, now, reason.to_owned(), String::new());
        let actions = self.run(place, to);
        Some(self.states.transition(place, from, now, actions))
    }

    fn evaluate_at(&mut self, at: EpochSeconds, creation: bool, out: &mut Vec<Transition>) {
        for place in 0..self.metrics.len() {
            let alarm = &self.catalogue.metric_alarms[place];
            if !creation && !window::is_due(alarm, at, &self.options) {
                continue;
            }
            let decision = self.metrics[place].evaluate(alarm, &self.store, at, &self.options);
            let Verdict::Is(to) = decision.verdict else {
                continue;
            };
            let from = self.states.at(place);
            if from == to {
                continue;
            }
            let points = self.metrics[place].window(alarm, &self.store, at, &self.options);
            let treatment = self.metrics[place].treatment();
            let reason = reason::text(alarm, from, to, &points, decision, treatment);
            let data = reason::data(alarm, at, &points);
            self.states.change(place, to, at, reason, data);
            let actions = self.run(place, to);
            out.push(self.states.transition(place, from, at, actions));
        }
        for index in 0..self.composites.len() {
            self.evaluate_composite(index, at, out);
        }
    }

    fn evaluate_composite(&mut self, index: usize, at: EpochSeconds, out: &mut Vec<Transition>) {
        let runtime = &mut self.composites[index];
        let waits = runtime.suppressor.as_ref().is_some_and(|(_, clock)| clock.held_by().is_some());
        if runtime.seen == Some(self.states.changes()) && !waits {
            return;
        }
        runtime.seen = Some(self.states.changes());
        let composite = &self.catalogue.composites[runtime.alarm];
        let place = self.metrics.len() + runtime.alarm;
        let states = &self.states;
        let state_of = |reference: &str| {
            let child = runtime.children.get(reference);
            child.map_or(State::InsufficientData, |child| states.at(*child))
        };
        let to = if composite.rule.holds(&state_of) { State::Alarm } else { State::Ok };
        let from = states.at(place);
        let changed = from != to;
        let text = changed.then(|| {
            let children: Vec<_> = composite.rule.alarms().into_iter().map(|name| (name, state_of(name))).collect();
            reason::composite(&composite.name, to, at, &children)
        });
        let mut released = changed;
        let mut held = None;
        if let Some((suppressor, clock)) = &mut runtime.suppressor {
            let alarm = states.at(*suppressor) == State::Alarm;
            released = clock.step(at, alarm, changed).is_some();
            held = clock.held_by();
        }
        self.states.hold(place, held);
        if let Some((reason, data)) = text {
            self.states.change(place, to, at, reason, data);
        }
        if changed || released {
            let actions = match held {
                Some(by) => ActionOutcome::Suppressed(by),
                None => self.run(place, to),
            };
            out.push(self.states.transition(place, from, at, actions));
        }
    }

    fn actions(&self, place: usize) -> &Actions {
        match self.catalogue.metric_alarms.get(place) {
            Some(alarm) => &alarm.spec.actions,
            None => &self.catalogue.composites[place - self.metrics.len()].actions,
        }
    }

    fn run(&self, place: usize, to: State) -> ActionOutcome {
        let actions = self.actions(place);
        if actions.enabled { ActionOutcome::Fired(actions.of(to).to_vec()) } else { ActionOutcome::Disabled }
    }
}
