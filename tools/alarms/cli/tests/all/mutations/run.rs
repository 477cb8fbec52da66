//! Running against a mutant only what is said about its alarm.

use std::collections::BTreeSet;

use alarms::{Catalogue, catalogue::Alarm, composite::alarm_name, evaluate::Options, model::Actions};
use alarms_cli::{
    scenario::{self, Expectation, Scenario},
    sources::Group,
};

/// An alarm with all it refers to, which tells nobody, and nothing else.
pub fn alone(catalogue: &Catalogue, key: &str) -> Catalogue {
    let mut needed = BTreeSet::new();
    let mut open = vec![key.to_owned()];
    while let Some(reference) = open.pop() {
        let Some(alarm) = catalogue.find(alarm_name(&reference)) else { continue };
        if let (Alarm::Composite(composite), true) = (alarm, needed.insert(alarm.key().to_owned())) {
            open.extend(composite.rule.alarms().into_iter().map(str::to_owned));
            open.extend(composite.suppressor.iter().map(|suppressor| suppressor.alarm.clone()));
        }
    }
    let mut alone = catalogue.clone();
    alone.metric_alarms.retain(|alarm| needed.contains(&alarm.spec.key));
    alone.composites.retain(|alarm| needed.contains(&alarm.key));
    for alarm in alone.metric_alarms.iter_mut().filter(|alarm| alarm.spec.key != key) {
        alarm.spec.actions = Actions::default();
    }
    for alarm in alone.composites.iter_mut().filter(|alarm| alarm.key != key) {
        alarm.actions = Actions::default();
    }
    alone
}

/// The scenarios that say something about an alarm, cut down to that, quickest first.
pub fn about(scenarios: &[Scenario], key: &str) -> Vec<Scenario> {
    let mut about: Vec<Scenario> = scenarios.iter().filter_map(|scenario| narrowed(scenario, key)).collect();
    about.sort_by_key(|scenario| scenario.expect.iter().map(|expectation| expectation.at).max());
    about
}

fn narrowed(scenario: &Scenario, key: &str) -> Option<Scenario> {
    let mut narrow = scenario.clone();
    for expectation in &mut narrow.expect {
        expectation.states.retain(|(name, _)| name == key);
    }
    let named = narrow.expect.iter().any(|expectation| !expectation.states.is_empty());
    if let Some(fired) = &mut narrow.fired {
        // The story stays as long as it was, so that what must not fire has its time to.
        let last = fired.iter().filter_map(|line| cli::time::parse(line.split(' ').next()?).ok()).max();
        narrow.expect.extend(last.map(|at| Expectation { at, states: Vec::new() }));
        narrow.expect.sort_by_key(|expectation| expectation.at);
        fired.retain(|line| line.split(' ').nth(1) == Some(key));
    }
    (named || narrow.fired.as_ref().is_some_and(|fired| !fired.is_empty())).then_some(narrow)
}

/// Whether a scenario fails.
pub fn fails(catalogue: &Catalogue, scenario: &Scenario) -> bool {
    let mut scenario = scenario.clone();
    let watched: BTreeSet<_> =
        catalogue.metric_alarms.iter().flat_map(|alarm| alarm.metrics()).map(|(_, metric, _)| metric).collect();
    scenario.series.retain(|series| series.metric().is_some_and(|metric| watched.contains(metric)));
    let outcomes = scenario::all(&Group::of(catalogue.clone()), &scenario, &Options::default(), false);
    outcomes.iter().any(|outcome| !outcome.failures.is_empty())
}
