//! Whether a scenario holds when everything may come a period later.

use std::collections::HashMap;

use alarms::{
    catalogue::Alarm,
    evaluate::Options,
    model::{EpochSeconds, State},
};

use super::{
    Scenario, find,
    run::{Prepared, is_same, labelled, note, order, prepare},
};
use crate::sources::Group;

/// Whether each state is there at its moment or within one period of the alarm after it, and the same actions run in the end.
pub(super) fn holds(group: &Group, scenario: &Scenario, options: &Options) -> bool {
    let Prepared { closed, mut story, failures } = prepare(group, scenario, options);
    if !failures.is_empty() {
        return false;
    }
    let longest = closed.catalogue.metric_alarms.iter().map(|alarm| alarm.spec.period).max().unwrap_or(60);
    let last_fired = scenario.fired.iter().flatten().map(|line| order(line).0).filter(|at| *at < i64::MAX).max();
    let last = scenario.expect.iter().map(|expectation| expectation.at).chain(last_fired).max().unwrap_or(0);
    let start = scenario.start;
    let mut history: HashMap<String, Vec<(EpochSeconds, State)>> = HashMap::new();
    for status in story.evaluator.statuses().iter().filter(|status| status.known) {
        history.insert(status.alarm.clone(), vec![(start, status.state)]);
    }
    let transitions = story.tick(start + last + longest);
    for transition in &transitions {
        history.entry(transition.alarm.clone()).or_default().push((transition.at, transition.to));
    }
    for expectation in &scenario.expect {
        let from = start + expectation.at;
        for (name, wanted) in &expectation.states {
            let Some(alarm) = find(&closed, name) else { return false };
            let slack = match alarm {
                Alarm::Metric(metric) => metric.spec.period,
                Alarm::Composite(_) => longest,
            };
            let states = history.get(alarm.name()).map_or(&[][..], Vec::as_slice);
            let before = states.iter().rev().find(|(at, _)| *at <= from).map(|(_, state)| *state);
            let after = states.iter().filter(|(at, _)| (from..=from + slack).contains(at)).map(|(_, state)| *state);
            if before != Some(*wanted) && !after.into_iter().any(|state| state == *wanted) {
                return false;
            }
        }
    }
    let Some(wanted) = &scenario.fired else { return true };
    let mut ran = Vec::new();
    note(&closed, scenario, transitions, &mut ran);
    let untimed = |line: &String| line.split_once(' ').map_or_else(String::new, |(_, rest)| rest.to_owned());
    let mut wanted: Vec<String> = wanted.iter().map(|line| untimed(&labelled(&closed, line))).collect();
    let mut ran: Vec<String> = ran.iter().map(untimed).collect();
    wanted.sort();
    ran.sort();
    wanted.len() == ran.len() && wanted.iter().zip(&ran).all(|(wanted, ran)| is_same(wanted, ran))
}
