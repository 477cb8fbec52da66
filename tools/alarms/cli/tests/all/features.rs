//! What scenarios can say.

use alarms::evaluate::Options;
use alarms_cli::scenario::{File, all, init, untested};

use crate::common::{outcome, story};

fn alarm(name: &str, unit: &str) -> String {
    format!(
        "{name}: {{ summary: s, severity: page, comparison: GreaterThanThreshold, threshold: 31, period: 60, evaluation_periods: 2, \
         missing_data: notBreaching, metrics: [{{ id: m, namespace: n, metric: x, stat: Sum{unit} }}] }}"
    )
}

fn passes(catalogue: &str, scenario: &str) {
    let outcome = outcome(catalogue, scenario);
    assert!(outcome.failures.is_empty(), "{scenario}: {:?}", outcome.failures);
}

#[test]
fn a_series_has_the_unit_that_its_alarm_asks_for() {
    let catalogue = format!("alarms: {{ {} }}", alarm("a", ", unit: Count"));
    let scenario = |unit: &str, state: &str| {
        format!(
            "metrics: {{ m: {{ namespace: n, metric: x{unit} }} }}\nscenarios: [{{ name: s, series: {{ m: 50x10 }}, expect: [{{ at: 5m, a: {state} }}] }}]"
        )
    };
    passes(&catalogue, &scenario("", "ALARM"));
    passes(&catalogue, &scenario(", unit: Count", "ALARM"));
    passes(&catalogue, &scenario(", unit: Seconds", "OK"));
    let two = format!("alarms: {{ {}, {} }}", alarm("a", ", unit: Count"), alarm("b", ", unit: Seconds"));
    let told = outcome(&two, &scenario("", "ALARM"));
    assert!(told.failures[0].message.contains("several units"), "{told:?}");
}

#[test]
fn data_may_be_late() {
    let catalogue = format!("alarms: {{ {} }}", alarm("a", ""));
    let scenario = |delay: &str, at: &str| {
        format!(
            "metrics: {{ m: {{ namespace: n, metric: x }} }}\nscenarios: [{{ name: s, {delay} series: {{ m: 0x5 50x10 }}, expect: [{{ at: {at}, a: OK }}, {{ at: 12m, a: ALARM }}] }}]"
        )
    };
    passes(&catalogue, &scenario("", "6m"));
    // The point of minute 6 is seen at 9m.
    passes(&catalogue, &scenario("delay: 3m,", "8m"));
    assert_eq!(outcome(&catalogue, &scenario("", "8m")).failures.len(), 1);
}

#[test]
fn an_alarm_named_at_can_be_expected() {
    let catalogue = format!("alarms: {{ {} }}", alarm("at", ""));
    passes(
        &catalogue,
        "metrics: { m: { alarm: at } }\nscenarios: [{ name: s, series: { m: 50x9 }, expect: [{ at: 5m, states: { at: ALARM } }] }]",
    );
}

#[test]
fn states_of_other_stacks_are_given() {
    let catalogue = format!(
        "alarms: {{ {} }}\ncomposites: {{ c: {{ summary: s, severity: page, rule: 'ALARM(a) AND ALARM(other)' }} }}",
        alarm("a", "")
    );
    let scenario = "metrics: { m: { alarm: a } }\nscenarios: [{ name: s, series: { m: 50x20 }, states: { other: { 0m: OK, 5m: ALARM, 9m: OK } }, \
                    expect: [{ at: 4m, c: OK }, { at: 6m, c: ALARM }, { at: 10m, c: OK }] }]";
    passes(&catalogue, scenario);
    let own = scenario.replace("other: {", "a: {");
    assert!(outcome(&catalogue, &own).failures[0].message.contains("`a` is evaluated here"));
}

#[test]
fn a_template_is_a_scenario_for_each_alarm_that_matches() {
    let catalogue = format!("alarms: {{ {}, {}, {} }}", alarm("a-errors", ""), alarm("b-errors", ""), alarm("c", ""));
    let text = "scenarios:\n  - name: \"{alarm} fires\"\n    for_each: \"*-errors\"\n    metrics: { m: { alarm: \"{alarm}\" } }\n    \
                series: { m: \"{fine}x5 {breaching}x5 {fine}x10\" }\n    expect: [{ at: 9m, \"{alarm}\": ALARM }, { at: 20m, \"{alarm}\": OK }]\n";
    let (group, _) = story(&catalogue, "scenarios: [{ name: s, expect: [{ at: 1m, c: OK }] }]");
    let scenarios = File::parse("t.yaml", text).unwrap().scenarios(&group).unwrap();
    let names: Vec<&str> = scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
    assert_eq!(names, ["a-errors fires", "b-errors fires"]);
    assert_eq!(scenarios[0].place.to_string(), "t.yaml:2");
    for scenario in &scenarios {
        let outcome = all(&group, scenario, &Options::default(), true).remove(0);
        assert!(outcome.failures.is_empty() && outcome.depends.is_empty(), "{outcome:?}");
    }
}

#[test]
fn first_scenarios_of_the_projects_own_alarms_pass_as_they_are_written() {
    let group = crate::common::group();
    let drafts = init::draft(&group, &Options::default(), |alarm| {
        ["queue-age", "dlq-depth", "api-latency", "api-5xx", "processing-failing"].contains(&alarm.key())
    });
    assert_eq!(drafts.left_out, []);
    let text = init::yaml(&drafts.scenarios);
    let scenarios = File::parse("first.yaml", &text).unwrap().scenarios(&group).unwrap();
    assert_eq!(scenarios.len(), 10, "{text}");
    for scenario in &scenarios {
        let outcome = all(&group, scenario, &Options::default(), false).remove(0);
        assert!(outcome.failures.is_empty(), "{outcome:?}");
    }
    let open: Vec<String> = untested(&group, &scenarios).into_iter().map(|gap| gap.alarm).collect();
    assert!(!open.contains(&"queue-age".to_owned()), "{open:?}");
}

#[test]
fn mistakes_in_scenarios_are_told_with_their_line() {
    let error = |text: &str| {
        let file = File::parse("f.yaml", text).map_err(|error| error.to_string());
        file.and_then(|file| file.scenarios(&Default::default()).map_err(|error| error.to_string())).unwrap_err()
    };
    let text =
        |rest: &str| format!("scenarios:\n  - name: a\n    expect: [{{ at: 1m, x: OK }}]\n  - name: b\n    {rest}\n");
    assert_eq!(error(&text("expect: []")), "line 4: scenario `b`: it expects nothing");
    assert!(error(&text("step: 0s\n    expect: [{ at: 1m, x: OK }]")).contains("step must be above zero"));
    assert!(error(&text("delay: 9d\n    expect: [{ at: 1m, x: OK }]")).contains("delay must lie"));
    assert!(error(&text("depends_on: [weather]\n    expect: [{ at: 1m, x: OK }]")).contains("`weather` is none of"));
    assert!(
        error(&text(
            "metrics: { m: { unit: Furlongs, alarm: x } }\n    series: { m: 1 }\n    expect: [{ at: 1m, x: OK }]"
        ))
        .contains("not a unit")
    );
    assert!(error("scenarios: [{ name: a, expect: [{ at: 1m, x: RED }] }]").contains("x"));
}
