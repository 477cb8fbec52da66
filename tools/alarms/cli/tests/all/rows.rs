//! Cases that other tools have got wrong, each with the value that AWS's texts give.

use alarms::evaluate::Options;
use alarms_cli::scenario::all;

use crate::common::{outcome, story};

const ONE: &str = "summary: s, severity: page, period: 60, evaluation_periods: 1";

/// An alarm on an expression over m1 to m3, and the state it is in at a moment.
fn expression(expression: &str, condition: &str, missing: &str, series: &str, expect: &str) {
    let metrics: String = (1..=3).map(|n| format!("{{ id: m{n}, namespace: n, metric: x{n}, stat: Sum }}, ")).collect();
    let text = format!(
        "alarms: {{ a: {{ {ONE}, {condition}, missing_data: {missing}, metrics: [{metrics}{{ id: e, expression: '{expression}' }}] }} }}"
    );
    let metrics: String = (1..=3).map(|n| format!("m{n}: {{ namespace: n, metric: x{n} }}, ")).collect();
    let scenario = format!("metrics: {{ {metrics} }}\nscenarios: [{{ name: s, {series}, expect: [{{ {expect} }}] }}]");
    let outcome = outcome(&text, &scenario);
    assert!(outcome.failures.is_empty(), "{expression}: {:?}", outcome.failures);
}

const BELOW_ONE: &str = "comparison: LessThanThreshold, threshold: 1";

#[test]
fn clock_functions_have_a_point_in_every_period() {
    let hours = "IF(HOUR(m1)>=9 AND HOUR(m1)<17 AND DAY(m1)<6, FILL(m1,0), 1)";
    let monday = "start: 2026-01-05T10:00:00Z, series: { m2: 1x5 }";
    expression(hours, BELOW_ONE, "missing", monday, "at: 1m, a: ALARM");
    expression(hours, BELOW_ONE, "missing", "start: 2026-01-04T10:00:00Z, series: { m2: 1x5 }", "at: 1m, a: OK");
}

#[test]
fn the_branch_of_a_true_condition_counts_as_zero_where_it_has_no_point() {
    expression("IF(m1>0, m2)", BELOW_ONE, "missing", "series: { m1: 1x5 }", "at: 3m, a: ALARM");
}

#[test]
fn the_branch_of_a_false_condition_is_missing_where_it_has_no_point() {
    expression("IF(m1,m2,m3)", BELOW_ONE, "missing", "series: { m1: 0x5, m2: 5x5 }", "at: 3m, a: INSUFFICIENT_DATA");
}

#[test]
fn slices_and_nested_arrays_are_evaluated() {
    let above = "comparison: GreaterThanThreshold, threshold: 8";
    let series = "series: { m1: 1x5, m2: 9x5, m3: 2x5 }";
    // All but the smallest: 2 + 9.
    expression("SUM(SLICE(SORT(METRICS(),AVG,ASC),1))", above, "missing", series, "at: 3m, a: ALARM");
    expression("SUM([METRICS(\"m1\"),METRICS(\"m3\")])", above, "missing", series, "at: 3m, a: OK");
}

const SPIKE: &str = "metrics: { m: { namespace: n, metric: x } }\n\
    scenarios: [{ name: s, series: { m: 0x5 50 _x30 }, expect: [{ at: 6m, a: ALARM }, { at: 9m, a: OK }] }]";

fn plain(fields: &str) -> String {
    format!(
        "alarms: {{ a: {{ {ONE}, comparison: GreaterThanThreshold, threshold: 31, missing_data: notBreaching, {fields} \
         metrics: [{{ id: m, namespace: n, metric: x, stat: Sum }}] }} }}"
    )
}

#[test]
fn when_silence_ends_an_alarm_depends_on_how_far_back_it_looks() {
    let (group, scenario) = story(&plain(""), SPIKE);
    let depends = all(&group, &scenario, &Options::default(), true).remove(0).depends;
    assert!(depends.contains(&"range N+5".to_owned()), "{depends:?}");
    // Six minutes after the point every reading agrees.
    let (group, scenario) = story(&plain(""), &SPIKE.replace("at: 9m", "at: 12m"));
    let outcome = all(&group, &scenario, &Options::default(), true).remove(0);
    assert!(outcome.failures.is_empty() && outcome.depends.is_empty(), "{outcome:?}");
}

#[test]
fn a_composite_is_decided_without_a_child_that_is_not_evaluated() {
    let plan = serde_json::json!({ "format_version": "1.2", "planned_values": { "root_module": { "resources": [
        { "address": "a.plain", "type": "aws_cloudwatch_metric_alarm", "values": { "alarm_name": "plain", "namespace": "n", "metric_name": "x",
          "statistic": "Sum", "period": 60, "evaluation_periods": 1, "threshold": 31, "comparison_operator": "GreaterThanThreshold" } },
        { "address": "a.odd", "type": "aws_cloudwatch_metric_alarm", "values": { "alarm_name": "odd", "threshold_metric_id": "e1",
          "evaluation_periods": 1, "comparison_operator": "GreaterThanUpperThreshold", "metric_query": [
            { "id": "m1", "return_data": true, "metric": [{ "namespace": "n", "metric_name": "y", "stat": "Sum", "period": 60 }] },
            { "id": "e1", "return_data": true, "expression": "ANOMALY_DETECTION_BAND(m1, 2)" }] } },
        { "address": "c.both", "type": "aws_cloudwatch_composite_alarm", "values": { "alarm_name": "both", "alarm_rule": "ALARM(odd) OR ALARM(plain)" } },
    ] } } })
    .to_string();
    let text = |given: &str, state: &str| {
        format!(
            "metrics: {{ m: {{ alarm: plain }}, y: {{ namespace: n, metric: y }} }}\n\
             scenarios: [{{ name: s, series: {{ {given} }}, expect: [{{ at: 8m, {state} }}] }}]"
        )
    };
    let check = |given: &str, state: &str| {
        let (group, scenario) = story(&plan, &text(given, state));
        all(&group, &scenario, &Options::default(), false).remove(0)
    };
    assert_eq!(check("m: 50x10", "both: ALARM").failures.len(), 0);
    let undecided = check("m: 0x10", "both: OK");
    assert!(undecided.failures[0].message.contains("both should be OK and is not evaluated"), "{undecided:?}");
    // With its band given the child is one like the others.
    let banded = |y: &str| {
        let text = text(&format!("m: 0x10, y: {y}"), "both: ALARM, odd: ALARM");
        let text = text.replace("expect:", "band: { odd: { low: 10x10, high: 100x10 } }, expect:");
        let (group, scenario) = story(&plan, &text);
        all(&group, &scenario, &Options::default(), false).remove(0)
    };
    assert_eq!(banded("150x10").failures.len(), 0, "{:?}", banded("150x10"));
    assert_eq!(banded("50x10").failures.len(), 2);
    assert_eq!(banded("_").failures.len(), 2, "nothing to compare with the band");
}

#[test]
fn a_suppressors_periods_count_in_seconds() {
    let text = format!(
        "alarms: {{ a: {{ {ONE}, comparison: GreaterThanThreshold, threshold: 31, missing_data: notBreaching, metrics: [{{ id: m, namespace: n, metric: x, stat: Sum }}] }} }}\n\
         composites: {{ quiet: {{ summary: s, severity: none, rule: 'FALSE' }}, c: {{ summary: s, severity: page, rule: 'ALARM(a)', suppressor: quiet, \
         suppressor_wait_s: 10, suppressor_extension_s: 20 }} }}"
    );
    let scenario = "metrics: { m: { namespace: n, metric: x } }\nscenarios: [{ name: s, series: { m: 0x5 50x10 }, expect: [{ at: 8m, c: ALARM }], \
                    fired: ['6m a ALARM page', '6m10s c ALARM page'] }]";
    let outcome = outcome(&text, scenario);
    assert!(outcome.failures.is_empty(), "{:?}", outcome.failures);
}

fn plan_with(actions: &str, rest: serde_json::Value) -> String {
    let mut resources = vec![serde_json::json!({ "address": "a.a", "type": "aws_cloudwatch_metric_alarm", "values": {
        "alarm_name": "a", "namespace": "n", "metric_name": "x", "statistic": "Sum", "period": 120, "evaluation_periods": 1, "threshold": 31,
        "comparison_operator": "GreaterThanThreshold", "treat_missing_data": "notBreaching", "alarm_actions": [actions],
    } })];
    resources.extend(rest.as_array().unwrap().iter().cloned());
    serde_json::json!({ "format_version": "1.2", "planned_values": { "root_module": { "resources": resources } } })
        .to_string()
}

#[test]
fn a_mute_rule_holds_actions_until_its_window_closes() {
    let rule = serde_json::json!([{ "address": "m.m", "type": "aws_cloudwatch_alarm_mute_rule", "values": {
        "name": "night", "rule": [{ "schedule": [{ "expression": "cron(0 0 * * *)", "duration": "PT10M" }] }],
        "mute_targets": [{ "alarm_names": ["a"] }] } }]);
    let scenario = "metrics: { m: { alarm: a } }\nscenarios: [{ name: s, series: { m: 0x3 50x30 }, expect: [{ at: 8m, a: ALARM }], \
                    fired: ['10m a ALARM arn:aws:sns:eu-west-1:1:page'] }]";
    let outcome = outcome(&plan_with("arn:aws:sns:eu-west-1:1:page", rule), scenario);
    assert!(outcome.failures.is_empty(), "{:?}", outcome.failures);
}

#[test]
fn what_cloudwatch_describes_beside_metric_alarms_is_read_or_named() {
    let text = serde_json::json!({
        "MetricAlarms": [{ "AlarmName": "a", "AlarmArn": "arn:aws:cloudwatch:eu-west-1:1:alarm:a", "Namespace": "n", "MetricName": "x",
            "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 31, "ComparisonOperator": "GreaterThanThreshold",
            "AlarmActions": ["arn:aws:sns:eu-west-1:1:page"], "TreatMissingData": "notBreaching" }],
        "LogAlarms": [{ "AlarmName": "words" }],
        "AlarmMuteRules": [{ "Name": "night", "AlarmMuteRuleArn": "arn:aws:cloudwatch:eu-west-1:1:alarm-mute-rule:night",
            "Rule": { "Schedule": { "Expression": "cron(0 0 * * *)", "Duration": "PT10M" } }, "MuteTargets": { "AlarmNames": ["a"] } }],
    });
    let scenario = "metrics: { m: { alarm: a } }\nscenarios: [{ name: s, series: { m: 50x30 }, expect: [{ at: 8m, a: ALARM }], \
                    fired: ['10m a ALARM arn:aws:sns:eu-west-1:1:page'] }]";
    let (group, scenario) = story(&text.to_string(), scenario);
    let left_out: Vec<_> =
        group.catalogue.not_supported.iter().map(|one| (one.alarm.as_str(), one.reason.as_str())).collect();
    assert_eq!(left_out, [("words", "not supported: a log alarm")]);
    let outcome = all(&group, &scenario, &Options::default(), false).remove(0);
    assert!(outcome.failures.is_empty(), "{:?}", outcome.failures);
}

#[test]
fn auto_scaling_is_asked_again_every_period() {
    let scenario = "metrics: { m: { alarm: a } }\nscenarios: [{ name: s, step: 2m, series: { m: 0x2 50x3 0x5 }, expect: [{ at: 30m, a: OK }], \
                    fired: ['5m a ALARM arn:aws:autoscaling:eu-west-1:1:x', '7m a ALARM arn:aws:autoscaling:eu-west-1:1:x', '9m a ALARM arn:aws:autoscaling:eu-west-1:1:x'] }]";
    let outcome = outcome(&plan_with("arn:aws:autoscaling:eu-west-1:1:x", serde_json::json!([])), scenario);
    assert!(outcome.failures.is_empty(), "{:?}", outcome.failures);
}

#[test]
fn a_wall_clock_may_be_an_offset() {
    assert!(alarms::model::Window::wall_clock("UTC+05:30").is_ok());
}
