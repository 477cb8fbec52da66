//! The project's own catalogue: its scenarios pass, its lints are clean, and neither can be fooled.

// The helpers of tests may panic like the tests themselves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use alarms::Catalogue;
use alarms::catalogue::Names;
use alarms::evaluate::Options;
use alarms::lint::{self, Emitted, Finding, Limits};
use alarms::scenario::{self, Scenario};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn names() -> Names {
    Names::by_rule("order-processing", "dev", "us-east-1")
}

fn catalogue_text() -> String {
    std::fs::read_to_string(root().join("terraform/alarms.yaml")).unwrap()
}

fn scenarios() -> Vec<Scenario> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        all.extend(scenario::read(&text, &names()).unwrap());
    }
    all
}

/// The names of the scenarios that fail.
fn failing(catalogue: &Catalogue, scenarios: &[Scenario]) -> Vec<String> {
    let options = Options::default();
    let outcomes = scenarios.iter().flat_map(|scenario| scenario::run(catalogue, scenario, &options));
    outcomes.filter(|outcome| !outcome.failures.is_empty()).map(|outcome| outcome.scenario).collect()
}

fn findings(catalogue: &Catalogue) -> Vec<Finding> {
    let settings = std::fs::read_to_string(root().join("terraform/settings.json")).unwrap();
    let emitted = Emitted::aws().unwrap().and(Emitted::PROJECT, &names()).unwrap();
    lint::run(&lint::Context {
        catalogue,
        emitted: &emitted,
        limits: Some(&Limits::from_settings(&settings, &names()).unwrap()),
        runbooks: None,
        pages: None,
        dashboards: None,
        options: &Options::default(),
        ours: true,
    })
}

#[test]
fn every_scenario_passes_and_every_alarm_is_tested() {
    let catalogue = Catalogue::from_yaml(&catalogue_text(), &names()).unwrap();
    let scenarios = scenarios();
    assert_eq!(failing(&catalogue, &scenarios), Vec::<String>::new());
    assert_eq!(scenario::untested(&catalogue, &scenarios), []);
}

#[test]
fn only_scenarios_whose_data_stop_depend_on_the_evaluation_range() {
    let catalogue = Catalogue::from_yaml(&catalogue_text(), &names()).unwrap();
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
    let catalogue = Catalogue::from_yaml(&catalogue_text(), &names()).unwrap();
    assert_eq!(findings(&catalogue), []);
}

/// The catalogue with one text of one alarm replaced.
fn mutated(alarm: &str, from: &str, to: &str) -> Catalogue {
    let text = catalogue_text();
    let start = text.find(&format!("\n  {alarm}:\n")).unwrap();
    let at = start + text[start..].find(from).unwrap();
    let next = text[start + 3..].find("\n  #").into_iter().chain(text[start + 3..].find("\n\n")).min().unwrap();
    assert!(at < start + 3 + next, "`{from}` is not in {alarm}");
    let text = format!("{}{to}{}", &text[..at], &text[at + from.len()..]);
    Catalogue::from_yaml(&text, &names()).unwrap()
}

/// Which of the two catches a mutation: a scenario about the alarm, a lint.
fn caught(alarm: &str, catalogue: &Catalogue) -> (bool, bool) {
    let mut about = scenarios();
    about.retain(|scenario| {
        let mut states = scenario.expect.iter().flat_map(|expectation| &expectation.states);
        states.any(|(name, _)| name == alarm) && scenario.expect.iter().all(|e| e.at < 86_400)
    });
    (!failing(catalogue, &about).is_empty(), !findings(catalogue).is_empty())
}

#[test]
fn a_changed_operator_is_caught_by_a_scenario() {
    let mutation = mutated("api-5xx", "GreaterThanThreshold", "GreaterThanOrEqualToThreshold");
    assert_eq!(caught("api-5xx", &mutation), (true, false));
}

#[test]
fn a_changed_m_is_caught_by_a_scenario() {
    let mutation = mutated("queue-age", "datapoints_to_alarm: 3", "datapoints_to_alarm: 2");
    assert_eq!(caught("queue-age", &mutation), (true, false));
}

#[test]
fn a_changed_dimension_is_caught_by_both() {
    let mutation = mutated("dlq-depth", "${orders_dlq_name}", "${orders_table_name}-dlq2");
    assert_eq!(caught("dlq-depth", &mutation), (true, true));
    let mutation = mutated("api-5xx", "ApiName:", "ApiId:");
    assert_eq!(caught("api-5xx", &mutation), (true, true));
}

#[test]
fn a_changed_treatment_of_missing_data_is_caught_by_a_scenario() {
    let mutation = mutated("queue-age", "missing_data: notBreaching", "missing_data: ignore");
    assert_eq!(caught("queue-age", &mutation), (true, false));
}

#[test]
fn a_changed_threshold_is_caught_by_a_scenario() {
    let mutation = mutated("orders-unaccounted", "gap > 5", "gap > 3");
    assert_eq!(caught("orders-unaccounted", &mutation), (true, false));
    let mutation = mutated("processor-duration", "threshold: 12000", "threshold: 15000");
    assert_eq!(caught("processor-duration", &mutation), (true, true));
}

#[test]
fn a_removed_low_traffic_guard_is_caught_by_both() {
    let mutation = mutated(
        "validator-errors",
        "IF(FILL(invocations, 0) >= 20, 100 * errors / invocations, 0)",
        "100 * errors / invocations",
    );
    assert_eq!(caught("validator-errors", &mutation), (true, true));
}
