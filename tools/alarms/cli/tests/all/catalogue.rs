//! The project's own catalogue: its scenarios pass and its lints are clean. That neither can be fooled is shown by
//! the mutations.

use alarms::{
    evaluate::Options,
    model::{Observability, Severity},
};
use alarms_cli::{
    scenario::{self, Scenario},
    sources::Group,
};

use crate::common::{catalogue, each, findings, group, scenarios};

#[test]
fn every_scenario_passes_and_every_alarm_is_tested() {
    let (group, scenarios) = (group(), scenarios());
    let options = Options::default();
    for outcome in each(&scenarios, |scenario| scenario::all(&group, scenario, &options, true)).concat() {
        assert!(outcome.failures.is_empty(), "{} {:?}", outcome.scenario, outcome.failures);
        assert!(outcome.depends.is_empty(), "{} depends on {:?}", outcome.scenario, outcome.depends);
    }
    assert_eq!(scenario::untested(&group, &scenarios), []);
}

#[test]
fn the_lints_are_clean() {
    assert_eq!(findings(&catalogue()), []);
}

#[test]
fn a_lean_environment_keeps_tested_pages() {
    let (all, lean) = (catalogue(), catalogue().at(Observability::Lean));
    let group = Group::of(lean.clone());
    let scenarios: Vec<Scenario> = scenarios().into_iter().filter_map(|scenario| scenario.about(&group)).collect();
    let options = Options::default();
    for outcome in each(&scenarios, |scenario| scenario::all(&group, scenario, &options, false)).concat() {
        assert!(outcome.failures.is_empty(), "{} {:?}", outcome.scenario, outcome.failures);
    }
    assert_eq!(scenario::untested(&group, &scenarios), []);
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
