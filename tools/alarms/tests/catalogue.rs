//! The project's own catalogue: its scenarios pass and its lints are clean. That neither can be fooled is shown by
//! the mutations.

// The helpers of tests may panic like the tests themselves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

mod common;

use alarms::evaluate::Options;
use alarms::model::{Observability, Severity};
use alarms::scenario::{self, Scenario};
use common::{catalogue, each, findings, scenarios};

#[test]
fn every_scenario_passes_and_every_alarm_is_tested() {
    let (catalogue, scenarios) = (catalogue(), scenarios());
    let options = Options::default();
    for outcome in each(&scenarios, |scenario| scenario::run(&catalogue, scenario, &options)).concat() {
        assert!(outcome.failures.is_empty(), "{} {:?}", outcome.scenario, outcome.failures);
    }
    assert_eq!(scenario::untested(&catalogue, &scenarios), []);
}

#[test]
fn only_scenarios_whose_data_stop_depend_on_the_evaluation_range() {
    let catalogue = catalogue();
    let stops = |scenario: &Scenario| scenario.series.iter().any(|series| series.text.contains('_'));
    let short = |scenario: &Scenario| scenario.expect.iter().all(|expectation| expectation.at <= 2 * 3_600);
    let mut whole = scenarios();
    whole.retain(|scenario| !stops(scenario) && short(scenario));
    assert!(whole.len() > 20);
    for range_beyond_n in [0, 1, 5] {
        let options = Options { range_beyond_n, ..Options::default() };
        for outcome in whole.iter().flat_map(|scenario| scenario::run(&catalogue, scenario, &options)) {
            assert!(outcome.failures.is_empty(), "{} {:?}", outcome.scenario, outcome.failures);
        }
    }
}

#[test]
fn the_lints_are_clean() {
    assert_eq!(findings(&catalogue()), []);
}

#[test]
fn a_lean_environment_keeps_tested_pages() {
    let (all, lean) = (catalogue(), catalogue().at(Observability::Lean));
    let scenarios: Vec<Scenario> = scenarios().into_iter().filter_map(|scenario| scenario.about(&lean)).collect();
    let options = Options::default();
    for outcome in each(&scenarios, |scenario| scenario::run(&lean, scenario, &options)).concat() {
        assert!(outcome.failures.is_empty(), "{} {:?}", outcome.scenario, outcome.failures);
    }
    assert_eq!(scenario::untested(&lean, &scenarios), []);
    let pages: Vec<&str> =
        lean.alarms().filter(|alarm| alarm.about().severity == Some(Severity::Page)).map(|alarm| alarm.key()).collect();
    assert_eq!(
        pages,
        [
            "dlq-expiry",
            "intake-failing",
            "orders-dead-lettered",
            "processing-failing",
            "slo-acceptance-fast",
            "slo-freshness-fast"
        ]
    );
    assert!(lean.len() < all.len());
}

#[test]
fn a_lean_composite_names_lean_alarms() {
    let mut catalogue = catalogue();
    let alarm = catalogue.metric_alarms.iter_mut().find(|alarm| alarm.spec.key == "queue-age").unwrap();
    alarm.spec.about.observability = Observability::Full;
    let found = findings(&catalogue);
    let composites: Vec<&str> = found.iter().map(|finding| finding.alarm.as_str()).collect();
    assert_eq!(composites, ["processing-failing"]);
    assert!(found[0].message.contains("names queue-age, which is full"), "{found:?}");
}
