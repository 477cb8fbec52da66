//! Another project's Terraform plan: both forms of alarm, nested modules, a composite, and what is not supported.

// The helpers of tests may panic like the tests themselves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use alarms::catalogue::Alarm;
use alarms::evaluate::Options;
use alarms::lint::{self, Emitted};
use alarms::plan::KNOWN_AFTER_APPLY;
use alarms::{Catalogue, scenario};
use suite::Placeholders;

const PLAN: &str = include_str!("fixtures/foreign/plan.json");
const SCENARIOS: &str = include_str!("fixtures/foreign/scenarios.yaml");

fn plan() -> Catalogue {
    Catalogue::from_plan(PLAN).unwrap()
}

#[test]
fn every_alarm_of_every_module_is_found() {
    let catalogue = plan();
    let mut names: Vec<_> = catalogue.names().collect();
    names.sort();
    let expected =
        ["billing-checkout-errors", "billing-disk-full", "billing-latency", "billing-maintenance", "billing-page"];
    assert_eq!(names, expected);
    let left_out: Vec<_> = catalogue.not_supported.iter().map(|n| (n.alarm.as_str(), n.reason.as_str())).collect();
    assert_eq!(left_out, [("billing-anomaly", "not supported: anomaly detection (threshold_metric_id)")]);
}

#[test]
fn the_fields_of_both_forms_are_read() {
    let catalogue = plan();
    let Some(Alarm::Metric(disk)) = catalogue.find("billing-disk-full") else { panic!() };
    assert_eq!((disk.spec.period, disk.spec.datapoints_to_alarm), (300, 3));
    assert_eq!(disk.spec.actions.alarm, [KNOWN_AFTER_APPLY]);
    let address = "module.checkout.module.alarms.aws_cloudwatch_metric_alarm.errors[\"eu\"]";
    let Some(Alarm::Metric(errors)) = catalogue.find(address) else { panic!() };
    assert_eq!((errors.spec.period, errors.spec.datapoints_to_alarm), (60, 3));
    assert_eq!(errors.spec.queries[errors.spec.returned].id, "rate");
}

#[test]
fn its_scenarios_pass() {
    let scenarios = scenario::read(SCENARIOS, &Placeholders::none()).unwrap();
    for outcome in scenarios.iter().flat_map(|s| scenario::run(&plan(), s, &Options::default())) {
        assert!(outcome.failures.is_empty(), "{}: {:?}", outcome.scenario, outcome.failures);
    }
    let open: Vec<_> = scenario::untested(&plan(), &scenarios).into_iter().map(|gap| gap.to_string()).collect();
    let expected = [
        "billing-disk-full: no scenario in which it stays quiet",
        "billing-maintenance: no scenario in which it fires, or recovers",
        "billing-latency: no scenario in which it stays quiet",
    ];
    assert_eq!(open, expected);
}

#[test]
fn its_lints_find_what_is_wrong_and_nothing_else() {
    let emitted = Emitted::aws().unwrap();
    let findings = lint::run(&lint::Context {
        catalogue: &plan(),
        emitted: &emitted,
        limits: None,
        settings: None,
        runbooks: None,
        pages: None,
        dashboards: None,
        options: &Options::default(),
        ours: false,
    });
    assert_eq!(findings, []);
    // With HTTP API names on a REST API's dimensions the alarm is dead.
    let wrong = Catalogue::from_plan(&PLAN.replace("\"ApiId\": \"a1b2\"", "\"ApiName\": \"a1b2\"")).unwrap();
    let findings = lint::run(&lint::Context {
        catalogue: &wrong,
        emitted: &emitted,
        limits: None,
        settings: None,
        runbooks: None,
        pages: None,
        dashboards: None,
        options: &Options::default(),
        ours: false,
    });
    assert_eq!(findings.len(), 1);
    assert!(findings[0].message.starts_with("5xx is not emitted with the dimensions [ApiName, Stage]"));
}

#[test]
fn what_is_not_a_plan_is_said_to_be_none() {
    assert!(Catalogue::from_plan("{}").unwrap_err().to_string().contains("terraform show -json"));
    assert!(Catalogue::from_plan("no").is_err());
}

#[test]
fn an_unknown_rule_is_not_guessed_at() {
    let text = PLAN
        .replace("\"alarm_rule\": \"ALARM(billing-disk-full)", "\"ignored\": \"ALARM(billing-disk-full)")
        .replace("\"resource_changes\": [", "\"resource_changes\": [ { \"address\": \"aws_cloudwatch_composite_alarm.page\", \"change\": { \"after_unknown\": { \"alarm_rule\": true } } },");
    let catalogue = Catalogue::from_plan(&text).unwrap();
    let reason = &catalogue.not_supported.iter().find(|n| n.alarm == "billing-page").unwrap().reason;
    assert_eq!(reason, "alarm_rule is known only after the apply; write the rule with alarm names rather than ARNs");
}
