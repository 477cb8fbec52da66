//! Running one scenario against a group of alarms.

use std::collections::BTreeSet;

use alarms::{
    Evaluator,
    catalogue::NotEvaluated,
    composite::alarm_name,
    evaluate::{Options, Put, Transition},
    model::{EpochSeconds, State},
};
use cli::time::exact;
use serde::Serialize;

use super::{
    Location, Scenario, find,
    moments::{self, Arrival},
    why::why,
};
use crate::sources::{Group, Need};

/// What came of a scenario under one reading of AWS's texts.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// The scenario.
    pub scenario: String,
    /// Where it is written.
    pub place: Location,
    /// The reading of the DynamoDB texts, when the scenario asks for more than the default one.
    pub reading: Option<String>,
    /// What was not as expected; empty when the scenario passes.
    pub failures: Vec<Failure>,
    /// The actions that ran, as the scenario would write them.
    pub fired: Vec<String>,
    /// How many expectations were checked.
    pub checks: usize,
    /// How long it took, in seconds.
    pub took_s: f64,
    /// Readings of AWS's texts under which it would not hold.
    pub depends: Vec<String>,
}

/// One expectation that was not met.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// What was expected and what was found.
    pub message: String,
    /// The series, the window and the reason: why it came out so.
    pub why: Vec<String>,
}

/// A scenario about to begin: the alarms that take part, and what is wrong with it already.
pub(super) struct Prepared<'a> {
    pub(super) closed: Group,
    pub(super) story: Story<'a>,
    pub(super) failures: Vec<Failure>,
}

pub(super) fn prepare<'a>(group: &Group, scenario: &'a Scenario, options: &Options) -> Prepared<'a> {
    let mut failures = Vec::new();
    let mut catalogue = group.catalogue.clone();
    // What a scenario gives makes an open alarm one like the others.
    let given: BTreeSet<(&str, &str)> =
        scenario.given.iter().filter_map(|(alarm, id, _)| Some((find(group, alarm)?.key(), id.as_str()))).collect();
    for open in &group.open {
        let has = |need: &Need| {
            let is_given = |id: &str| given.contains(&(open.alarm.spec.key.as_str(), id));
            match need {
                Need::Result { id } => is_given(id),
                Need::Band { .. } => is_given("band_low"),
            }
        };
        if open.needs.iter().all(has) {
            catalogue.metric_alarms.push(open.alarm.clone());
        } else {
            let left_out = NotEvaluated { alarm: open.alarm.spec.name.clone(), reason: open.reason() };
            catalogue.not_supported.push(left_out);
        }
    }
    let closed = Group::of(catalogue.clone());
    let mut evaluator = Evaluator::with_options(catalogue, options.clone());
    for (alarm, _) in &scenario.states {
        match closed.catalogue.find(alarm_name(alarm)) {
            Some(_) => failures.push(Failure {
                message: format!("states: `{alarm}` is evaluated here"),
                why: vec!["give its metrics a series instead".to_owned()],
            }),
            None => {
                let reason = "its state is the scenario's".to_owned();
                evaluator.put(Put::NotEvaluated(NotEvaluated { alarm: alarm_name(alarm).to_owned(), reason }));
            }
        }
    }
    let arrivals = moments::arrivals(scenario, &closed, &evaluator, |message, why| {
        failures.push(Failure { message, why });
    });
    let states = moments::states(scenario);
    let mut story =
        Story { scenario, evaluator, arrivals: arrivals.into_iter().peekable(), states: states.into_iter().peekable() };
    story.begin(&closed);
    Prepared { closed, story, failures }
}

/// Runs a scenario under one reading.
pub fn run(group: &Group, scenario: &Scenario, options: &Options) -> Outcome {
    let Prepared { closed, mut story, mut failures } = prepare(group, scenario, options);
    let mut fired = Vec::new();
    let mut checks = 0;
    for expectation in &scenario.expect {
        let transitions = story.tick(scenario.start + expectation.at);
        note(&closed, scenario, transitions, &mut fired);
        for (alarm, wanted) in &expectation.states {
            checks += 1;
            let Some(found) = find(&closed, alarm) else {
                failures.push(no_alarm(&closed, alarm));
                continue;
            };
            let state = story.evaluator.state(found.name());
            if state != Some(*wanted) {
                let at = exact(expectation.at);
                let is = state.map_or("not evaluated", State::as_str);
                failures.push(Failure {
                    message: format!("at {at}: {alarm} should be {wanted} and is {is}"),
                    why: why(&story.evaluator, found, scenario, &closed),
                });
            }
        }
    }
    if let Some(wanted) = &scenario.fired {
        checks += 1;
        // The story lasts until its last action, which may come after the last state.
        let last = wanted.iter().map(|line| order(line).0).filter(|at| *at < i64::MAX).max();
        let transitions = story.tick(scenario.start + last.unwrap_or(0));
        note(&closed, scenario, transitions, &mut fired);
        let mut wanted: Vec<String> = wanted.iter().map(|line| labelled(&closed, line)).collect();
        wanted.sort_by_key(|line| order(line));
        fired.sort_by_key(|line: &String| order(line));
        let same = wanted.len() == fired.len() && wanted.iter().zip(&fired).all(|(wanted, ran)| is_same(wanted, ran));
        if !same {
            let list = |name: &str, lines: &[String]| {
                let lines = if lines.is_empty() { "nothing".to_owned() } else { lines.join("; ") };
                format!("{name}: {lines}")
            };
            failures.push(Failure {
                message: "the actions that ran are not those expected".to_owned(),
                why: vec![list("expected", &wanted), list("ran", &fired)],
            });
        }
    }
    Outcome {
        scenario: scenario.name.clone(),
        place: scenario.place.clone(),
        reading: None,
        failures,
        fired,
        checks,
        took_s: 0.0,
        depends: Vec::new(),
    }
}

fn no_alarm(group: &Group, alarm: &str) -> Failure {
    let near: Vec<&str> =
        group.catalogue.alarms().map(moments::label).filter(|label| label.contains(alarm)).take(5).collect();
    let near = if near.is_empty() { String::new() } else { format!("; near it: {}", near.join(", ")) };
    Failure {
        message: format!("there is no alarm `{alarm}`"),
        why: vec![format!("use a catalogue's key, a plan's address, or the full name{near}")],
    }
}

/// A scenario on its way through time.
pub(super) struct Story<'a> {
    scenario: &'a Scenario,
    pub(super) evaluator: Evaluator,
    arrivals: std::iter::Peekable<std::vec::IntoIter<Arrival<'a>>>,
    states: std::iter::Peekable<std::vec::IntoIter<(EpochSeconds, &'a str, State)>>,
}

impl Story<'_> {
    /// The alarms exist before the story begins; what their creation does is not part of it, nor are the actions that a suppressor's
    /// wait period holds back for a while.
    fn begin(&mut self, group: &Group) {
        let start = self.scenario.start;
        let waits =
            group.catalogue.composites.iter().filter_map(|composite| Some(composite.suppressor.as_ref()?.wait_s));
        let longest_wait = waits.max().unwrap_or(0);
        // Without a delay everything is there from the beginning, as a replay that need not stop at each point.
        if self.scenario.delay == 0 {
            self.arrive(EpochSeconds::MAX);
        }
        self.take_states(start - longest_wait - 60);
        self.evaluator.tick(start - longest_wait - 60);
        self.evaluator.tick(start);
    }

    fn arrive(&mut self, until: EpochSeconds) {
        while let Some(arrival) = self.arrivals.next_if(|arrival| arrival.seen < until) {
            self.evaluator.push_to(arrival.id, arrival.unit.as_deref(), arrival.at, arrival.sample);
        }
    }

    fn take_states(&mut self, until: EpochSeconds) {
        // What is given for the beginning holds before it, too.
        let until = if until < self.scenario.start { self.scenario.start } else { until };
        while let Some((_, alarm, state)) = self.states.next_if(|(at, ..)| *at <= until) {
            self.evaluator.set_state(alarm_name(alarm), state, "given by the scenario", "");
        }
    }

    pub(super) fn tick(&mut self, to: EpochSeconds) -> Vec<Transition> {
        let mut transitions = Vec::new();
        while let Some(next) = self.next_stop().filter(|next| *next < to) {
            // Whatever happens at a moment is seen by the evaluation of that moment.
            transitions.extend(self.evaluator.tick(next - 1));
            self.take_states(next);
            self.arrive(next + 1);
            transitions.extend(self.evaluator.tick(next));
        }
        transitions.extend(self.evaluator.tick(to - 1));
        self.take_states(to);
        self.arrive(to + 1);
        transitions.extend(self.evaluator.tick(to));
        transitions
    }

    fn next_stop(&mut self) -> Option<EpochSeconds> {
        let arrival = self.arrivals.peek().map(|arrival| arrival.seen);
        let state = self.states.peek().map(|(at, ..)| *at);
        arrival.into_iter().chain(state).min()
    }
}

/// Lines of one moment in a fixed order, so that a scenario need not know the catalogue's.
pub(super) fn order(line: &str) -> (i64, String) {
    let at = line.split(' ').next().and_then(|at| cli::time::parse(at).ok());
    (at.unwrap_or(i64::MAX), line.to_owned())
}

/// A line with the alarm as reports call it.
pub(super) fn labelled(group: &Group, line: &str) -> String {
    let mut words = line.splitn(3, ' ');
    match (words.next(), words.next(), words.next()) {
        (Some(at), Some(alarm), Some(rest)) => match find(group, alarm) {
            Some(found) => format!("{at} {} {rest}", moments::label(found)),
            None => line.to_owned(),
        },
        _ => line.to_owned(),
    }
}

/// The same action, or the topic of that name: `page` is `arn:aws:sns:...:shop-dev-page`.
pub(super) fn is_same(wanted: &str, ran: &str) -> bool {
    let split = |line: &str| line.rsplit_once(' ').map(|(rest, action)| (rest.to_owned(), action.to_owned()));
    match (split(wanted), split(ran)) {
        (Some((line, action)), Some((other, arn))) if line == other => {
            let topic = arn.rsplit(':').next().unwrap_or(&arn);
            action == arn || (arn.starts_with("arn:") && (topic == action || topic.ends_with(&format!("-{action}"))))
        }
        _ => wanted == ran,
    }
}

/// `8m queue-age ALARM page` for each action that ran.
pub(super) fn note(group: &Group, scenario: &Scenario, transitions: Vec<Transition>, fired: &mut Vec<String>) {
    for transition in transitions {
        let label = group.catalogue.find(&transition.alarm).map_or("", moments::label);
        for action in transition.fired() {
            let at = exact(transition.at - scenario.start);
            fired.push(format!("{at} {label} {} {action}", transition.to));
        }
    }
}
