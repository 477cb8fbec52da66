//! Another project's Terraform plan: both forms of alarm, nested modules, a composite, and what is not supported.

use alarms::{catalogue::Alarm, evaluate::Options};
use alarms_cli::{
    lint::{self, Emitted, Limits},
    scenario,
    sources::{self, Found, Given, Group, Input},
};

const PLAN: &str = include_str!("fixtures/foreign/plan.json");
const SCENARIOS: &str = include_str!("fixtures/foreign/scenarios.yaml");

pub fn read(text: &str) -> Result<Group, String> {
    let mut found = Found::default();
    let input = Input { name: "plan.json".into(), bytes: text.as_bytes().to_vec(), is_named: true };
    sources::read(&input, &Given::default(), &mut found).map_err(|error| error.to_string())?;
    found.end();
    Ok(found.groups.into_iter().next().unwrap_or_default())
}

fn plan() -> Group {
    read(PLAN).unwrap()
}

#[test]
fn every_alarm_of_every_module_is_found() {
    let catalogue = plan().catalogue;
    let mut names: Vec<_> = catalogue.names().collect();
    names.sort();
    let expected =
        ["billing-checkout-errors", "billing-disk-full", "billing-latency", "billing-maintenance", "billing-page"];
    assert_eq!(names, expected);
    let open: Vec<_> = plan().open.iter().map(|open| (open.alarm.spec.name.clone(), open.reason())).collect();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].0, "billing-anomaly");
    assert!(open[0].1.starts_with("not supported without a scenario that gives the band"), "{open:?}");
}

#[test]
fn the_fields_of_both_forms_are_read() {
    let catalogue = plan().catalogue;
    let Some(Alarm::Metric(disk)) = catalogue.find("billing-disk-full") else { panic!() };
    assert_eq!((disk.spec.period, disk.spec.datapoints_to_alarm), (300, 3));
    assert_eq!(disk.spec.actions.alarm, ["(known after apply: aws_cloudwatch_metric_alarm.disk.alarm_actions)"]);
    let address = "module.checkout.module.alarms.aws_cloudwatch_metric_alarm.errors[\"eu\"]";
    let Some(Alarm::Metric(errors)) = catalogue.find(address) else { panic!() };
    assert_eq!((errors.spec.period, errors.spec.datapoints_to_alarm), (60, 3));
    assert_eq!(errors.spec.queries[errors.spec.returned].id, "rate");
}

#[test]
fn its_scenarios_pass() {
    let scenarios = scenario::read(SCENARIOS).unwrap();
    for outcome in scenarios.iter().flat_map(|s| scenario::all(&plan(), s, &Options::default(), false)) {
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
        catalogue: &plan().catalogue,
        emitted: &emitted,
        limits: &Limits::default(),
        settings: None,
        runbooks: None,
        pages: None,
        dashboards: None,
        options: &Options::default(),
        ours: false,
    });
    assert_eq!(findings, []);
    // With HTTP API names on a REST API's dimensions the alarm is dead.
    let wrong = read(&PLAN.replace("\"ApiId\": \"a1b2\"", "\"ApiName\": \"a1b2\"")).unwrap();
    let findings = lint::run(&lint::Context {
        catalogue: &wrong.catalogue,
        emitted: &emitted,
        limits: &Limits::default(),
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
    assert!(read("{}").unwrap_err().contains("terraform show -json"));
    assert!(read("no").is_err());
}

#[test]
fn an_unknown_rule_is_not_guessed_at() {
    let text = PLAN
        .replace("\"alarm_rule\": \"ALARM(billing-disk-full)", "\"ignored\": \"ALARM(billing-disk-full)")
        .replace("\"resource_changes\": [", "\"resource_changes\": [ { \"address\": \"aws_cloudwatch_composite_alarm.page\", \"change\": { \"after_unknown\": { \"alarm_rule\": true } } },");
    let catalogue = read(&text).unwrap().catalogue;
    let reason = &catalogue.not_supported.iter().find(|n| n.alarm == "billing-page").unwrap().reason;
    assert!(reason.starts_with("AlarmRule is known only after the apply"), "{reason}");
}
