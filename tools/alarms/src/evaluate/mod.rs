//! The evaluator: datapoints in, transitions out, on a clock that the caller owns.

mod actions;
mod composites;
mod edit;
mod metric;
mod missing;
mod options;
mod reason;
mod states;
mod transition;
mod window;

use cloudwatch::{Limits, MetricId, Sample, Store};
pub use edit::Put;
pub use metric::{Datapoint, Point};
pub use missing::{Decision, Verdict, decide, decide_as};
pub use options::{Alignment, DynamoDbReading, EarlyReading, OldReading, Options, Reading};
pub use transition::{ActionOutcome, Status, Transition};

use self::{actions::Acting, composites::CompositeRuntime, metric::MetricRuntime, states::States};
use crate::{
    catalogue::{Catalogue, NotEvaluated},
    model::{EpochSeconds, MetricKey, State},
};

/// Evaluates the alarms of a catalogue as data come in.
///
/// Metric alarms come first in every list of places, composites after them.
#[derive(Debug)]
pub struct Evaluator {
    catalogue: Catalogue,
    options: Options,
    store: Store,
    /// The store is a replay's: it keeps what the alarms look back on, and no more.
    replay: bool,
    metrics: Vec<MetricRuntime>,
    composites: Vec<CompositeRuntime>,
    states: States,
    acting: Acting,
    not_evaluated: Vec<NotEvaluated>,
    /// Which metric alarms watch a metric.
    watchers: Vec<Vec<usize>>,
    /// The catalogue has changed since the runtimes were made of it.
    edited: bool,
    ticked: Option<EpochSeconds>,
    /// The hour in which the past was last forgotten.
    pruned: Option<i64>,
    /// Longest look-back of any alarm, in seconds.
    look_back: i64,
    step: i64,
}

impl Evaluator {
    /// A replay's evaluator with the default [`Options`].
    pub fn new(catalogue: Catalogue) -> Self {
        Self::with_options(catalogue, Options::default())
    }

    /// A replay's evaluator that reads AWS's open points as `options` say.
    pub fn with_options(catalogue: Catalogue, options: Options) -> Self {
        Self::on(Store::new(Limits::replay()), true, catalogue, options)
    }

    /// An evaluator on a store that others read too, and that forgets by itself. Alarms are put as they come.
    pub fn live(store: Store) -> Self {
        Self::on(store, false, Catalogue::default(), Options::default())
    }

    fn on(store: Store, replay: bool, catalogue: Catalogue, options: Options) -> Self {
        let mut states = States::default();
        for (place, name) in catalogue.names().enumerate() {
            states.insert(place, name, None, 0);
        }
        for left_out in &catalogue.not_supported {
            states.insert(usize::MAX, &left_out.alarm, Some(&left_out.reason), 0);
        }
        let mut evaluator = Evaluator {
            catalogue,
            options,
            store,
            replay,
            metrics: Vec::new(),
            composites: Vec::new(),
            states,
            acting: Acting::default(),
            not_evaluated: Vec::new(),
            watchers: Vec::new(),
            edited: true,
            ticked: None,
            pruned: None,
            look_back: 0,
            step: 60,
        };
        evaluator.settle();
        evaluator
    }

    /// The alarms.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The series, for those who ask about them.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Alarms without a state of their own here, and why.
    pub fn not_evaluated(&self) -> &[NotEvaluated] {
        &self.not_evaluated
    }

    /// Every metric that some alarm watches.
    pub fn watched(&self) -> impl Iterator<Item = &MetricKey> {
        self.store.watched()
    }

    /// The handle of a metric; `None` when no alarm watches it. Look it up once and use [`Evaluator::push_to`] where many
    /// datapoints come in.
    pub fn metric(&self, metric: &MetricKey) -> Option<MetricId> {
        self.store.watched_id(metric)
    }

    /// Records a datapoint of a replay; says whether any alarm watches the metric. Late datapoints are welcome: the next tick sees
    /// them.
    pub fn push(&mut self, metric: &MetricKey, unit: Option<&str>, at: EpochSeconds, sample: &Sample) -> bool {
        let id = self.metric(metric);
        if let Some(id) = id {
            self.push_to(id, unit, at, sample);
        }
        id.is_some()
    }

    /// Records a datapoint of a watched metric, in a replay.
    pub fn push_to(&mut self, id: MetricId, unit: Option<&str>, at: EpochSeconds, sample: &Sample) {
        self.store.push_watched(id, unit, at, sample);
        self.invalidate(id, at);
    }

    /// Records a datapoint where the clock runs: what CloudWatch refuses is refused.
    ///
    /// # Errors
    /// When the store doesn't take it.
    pub fn record(&mut self, point: &cloudwatch::Datapoint, now: EpochSeconds) -> Result<(), cloudwatch::Refused> {
        self.store.push(point, now)?;
        if let Some(id) = self.metric(&point.key) {
            self.invalidate(id, point.at);
        }
        Ok(())
    }

    fn invalidate(&mut self, id: MetricId, at: EpochSeconds) {
        for place in self.watchers.get(id.index()).into_iter().flatten() {
            if let Some(alarm) = self.catalogue.metric_alarms.get(*place)
                && let Some(runtime) = self.metrics.get_mut(*place)
            {
                runtime.invalidate(alarm, at);
            }
        }
    }

    /// Seconds between two moments at which an alarm may be due.
    pub fn step(&self) -> i64 {
        self.step
    }

    /// Advances the clock to `now`, evaluating at every moment that is due on the way. The first tick
    /// creates the alarms: all are evaluated at once. A clock that stands still or runs back does nothing.
    pub fn tick(&mut self, now: EpochSeconds) -> Vec<Transition> {
        self.settle();
        let mut transitions = Vec::new();
        let target = now.div_euclid(self.step) * self.step;
        match self.ticked {
            None => {
                self.states.created(now);
                self.evaluate_at(target, &mut transitions);
                self.ticked = Some(target);
            }
            Some(last) => {
                // The step may have become another since.
                let mut at = (last.div_euclid(self.step) + 1) * self.step;
                while at <= target {
                    self.release_before(at, &mut transitions);
                    self.evaluate_at(at, &mut transitions);
                    self.ticked = Some(at);
                    at += self.step;
                }
                self.release_before(now + 1, &mut transitions);
            }
        }
        // Once an hour is enough, whatever the distance of the ticks.
        let hour = target.div_euclid(3_600);
        if self.replay && self.pruned != Some(hour) {
            self.pruned = Some(hour);
            self.store.forget_before(target - self.look_back - 3_600);
        }
        transitions
    }

    /// The state of an alarm, by its full name; `None` for one that has none here.
    pub fn state(&self, name: &str) -> Option<State> {
        self.status(name).filter(|status| status.known).map(|status| status.state)
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
        Some(self.metrics.get(place)?.window(alarm, &self.store, self.ticked?, &self.options))
    }

    /// SetAlarmState: holds until the next evaluation of the alarm.
    pub fn set_state(&mut self, name: &str, to: State, reason: &str, data: &str) -> Option<Transition> {
        self.settle();
        let place = self.states.place(name)?;
        let now = self.ticked.unwrap_or_default();
        if self.states.known(place) == Some(to) {
            return None;
        }
        let from = self.states.change(place, to, now, reason.to_owned(), data.to_owned());
        let actions = self.run(place, to, now);
        Some(self.states.transition(place, from, now, actions))
    }

    fn evaluate_at(&mut self, at: EpochSeconds, out: &mut Vec<Transition>) {
        for place in 0..self.metrics.len() {
            let alarm = &self.catalogue.metric_alarms[place];
            let runtime = &mut self.metrics[place];
            if !runtime.fresh && !window::is_due(alarm, at, &self.options) {
                continue;
            }
            runtime.fresh = false;
            let decision = runtime.evaluate(alarm, &self.store, at, &self.options);
            let Verdict::Is(to) = decision.verdict else {
                continue;
            };
            let from = self.states.at(place);
            if from == to {
                continue;
            }
            let points = runtime.window(alarm, &self.store, at, &self.options);
            let treatment = runtime.treatment();
            let reason = reason::text(alarm, from, to, &points, decision, treatment);
            let data = reason::data(alarm, at, &points);
            self.states.change(place, to, at, reason, data);
            let actions = self.run(place, to, at);
            out.push(self.states.transition(place, from, at, actions));
        }
        for index in 0..self.composites.len() {
            self.evaluate_composite(index, at, out);
        }
        self.act_again(at, out);
    }

    /// What suppressors' periods end before `until`: they are counted in seconds, not in evaluations.
    fn release_before(&mut self, until: EpochSeconds, out: &mut Vec<Transition>) {
        loop {
            let clocks = self.composites.iter().enumerate();
            let due = clocks.filter_map(|(index, runtime)| Some((runtime.suppressor.as_ref()?.1.due()?, index)));
            match due.min() {
                Some((at, index)) if at < until && self.ticked.is_some_and(|ticked| at > ticked) => {
                    self.evaluate_composite(index, at, out);
                }
                _ => return,
            }
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
            let child = runtime.children.get(reference).copied().flatten();
            child.and_then(|child| states.known(child))
        };
        let from = states.at(place);
        let to = match composite.rule.decide(&state_of) {
            Some(true) => State::Alarm,
            Some(false) => State::Ok,
            // A state would be a guess.
            None => {
                let unknown = composite.rule.alarms().into_iter().find(|name| state_of(name).is_none());
                let reason = format!(
                    "its rule is not decided without `{}`, which has no state here",
                    unknown.unwrap_or_default()
                );
                if from == State::InsufficientData {
                    self.states.explain(place, &reason);
                }
                return;
            }
        };
        let changed = from != to;
        let text = changed.then(|| {
            let rule_alarms = composite.rule.alarms().into_iter();
            let children: Vec<_> = rule_alarms.map(|name| (name, state_of(name))).collect();
            reason::composite(&composite.name, to, at, &children)
        });
        let mut released = changed;
        let mut held = None;
        if let Some((suppressor, clock)) = &mut runtime.suppressor {
            let alarm = suppressor.is_some_and(|place| states.known(place) == Some(State::Alarm));
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
                None => self.run(place, to, at),
            };
            out.push(self.states.transition(place, from, at, actions));
        }
    }
}

impl cloudwatch::Recorder for Evaluator {
    fn store(&self) -> &Store {
        &self.store
    }

    fn record(&mut self, point: &cloudwatch::Datapoint, now: EpochSeconds) -> Result<(), cloudwatch::Refused> {
        Evaluator::record(self, point, now)
    }
}
