use alarms::{catalogue::Alarm, model::Source};
use serde_json::{Value, json};

use super::super::{Form, Found, Given, Input, read as read_source};

fn found(value: &Value) -> Found {
    let mut found = Found::default();
    let input = Input { name: "plan.json".into(), bytes: value.to_string().into_bytes(), is_named: true };
    assert_eq!(read_source(&input, &Given::default(), &mut found), Ok(Form::Terraform));
    found.end();
    found
}

fn alarm(address: &str, values: Value) -> Value {
    let mut all = json!({
        "alarm_name": "errors", "namespace": "AWS/Lambda", "metric_name": "Errors", "statistic": "Sum", "period": 60,
        "evaluation_periods": 1, "threshold": 0, "comparison_operator": "GreaterThanThreshold",
    });
    all.as_object_mut().unwrap().extend(values.as_object().unwrap().clone());
    json!({ "address": address, "type": "aws_cloudwatch_metric_alarm", "mode": "managed", "values": all })
}

fn plan(resources: Value, rest: Value) -> Value {
    let mut plan = json!({ "format_version": "1.2", "planned_values": { "root_module": { "resources": resources } } });
    plan.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    plan
}

fn dimensions(found: &Found, address: &str) -> Vec<(String, String)> {
    let mut alarms = found.groups.iter().flat_map(|group| group.catalogue.alarms());
    let Some(Alarm::Metric(alarm)) = alarms.find(|alarm| alarm.key() == address) else {
        panic!("no {address}: {found:?}")
    };
    let Source::Metric { metric, .. } = &alarm.spec.queries[0].source else { panic!("no metric") };
    metric.dimensions.clone().into_iter().collect()
}

#[test]
fn an_unknown_dimension_is_named_after_what_it_comes_from() {
    let address = "aws_cloudwatch_metric_alarm.errors";
    let read = found(&plan(
        json!([alarm(address, json!({ "dimensions": {} }))]),
        json!({
            "resource_changes": [{ "address": address, "change": { "after_unknown": { "dimensions": { "FunctionName": true } } } }],
            "configuration": { "root_module": { "resources": [{ "address": address, "expressions": { "dimensions": {
                "references": ["aws_lambda_function.f.function_name", "aws_lambda_function.f"] } } }] } },
        }),
    ));
    let symbol = "(known after apply: aws_lambda_function.f.function_name)";
    assert_eq!(dimensions(&read, address), [("FunctionName".to_owned(), symbol.to_owned())]);
    assert_eq!(read.unknown, 1);
}

#[test]
fn what_nobody_set_is_the_providers_default() {
    let address = "aws_cloudwatch_metric_alarm.errors";
    let unknown = json!({ "evaluate_low_sample_count_percentiles": true, "id": true, "threshold": true });
    let read = |expressions: Value| {
        found(&plan(
            json!([alarm(address, json!({ "dimensions": {} }))]),
            json!({
                "resource_changes": [{ "address": address, "change": { "after_unknown": unknown } }],
                "configuration": { "root_module": { "resources": [{ "address": address, "expressions": expressions }] } },
            }),
        ))
    };
    let read_as_it_is = read(json!({ "statistic": { "constant_value": "Sum" } }));
    assert_eq!((read_as_it_is.groups[0].catalogue.len(), read_as_it_is.unknown), (1, 0));
    let with_a_threshold = read(json!({ "threshold": { "references": ["aws_sqs_queue.q.id", "aws_sqs_queue.q"] } }));
    assert_eq!((with_a_threshold.groups[0].catalogue.not_supported.len(), with_a_threshold.unknown), (1, 1));
}

#[test]
fn without_a_configuration_it_is_named_after_its_own_place() {
    let address = "aws_cloudwatch_metric_alarm.errors[\"a\"]";
    let read = found(&plan(
        json!([alarm(address, json!({ "dimensions": null }))]),
        json!({ "resource_changes": [{ "address": address, "change": { "after_unknown": { "dimensions": true } } }] }),
    ));
    let symbol = format!("(known after apply: {address}.dimensions)");
    assert_eq!(dimensions(&read, address), [("(known after apply)".to_owned(), symbol)]);
}

#[test]
fn one_name_in_two_regions_is_two_alarms() {
    let config =
        |key: &str, address: &str| json!({ "address": address, "provider_config_key": key, "expressions": {} });
    let (a, b) = ("aws_cloudwatch_metric_alarm.a", "aws_cloudwatch_metric_alarm.b");
    let read = found(&plan(
        json!([
            alarm(a, json!({})),
            alarm(b, json!({})),
            alarm("aws_cloudwatch_metric_alarm.c", json!({ "region": "ap-south-1" }))
        ]),
        json!({ "configuration": {
            "provider_config": {
                "aws": { "expressions": { "region": { "constant_value": "eu-west-1" } } },
                "aws.us": { "expressions": { "region": { "references": ["var.other"] } } },
            },
            "root_module": { "resources": [config("aws", a), config("aws.us", b)] },
        }, "variables": { "other": { "value": "us-east-1" } } }),
    ));
    let regions: Vec<_> = read.groups.iter().map(|group| group.place.to_string()).collect();
    assert_eq!(regions, ["eu-west-1", "us-east-1", "ap-south-1"]);
    assert!(read.groups.iter().all(|group| group.catalogue.len() == 1));
}

#[test]
fn one_name_twice_in_one_place_is_told() {
    let read = found(&plan(json!([alarm("a.a", json!({})), alarm("a.b", json!({}))]), json!({})));
    assert_eq!(read.len(), 1);
    assert!(read.notes[0].contains("an alarm named errors was read before"), "{:?}", read.notes);
}

#[test]
fn a_raw_state_is_read_with_its_regions() {
    let attributes =
        alarm("", json!({ "arn": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:errors" }))["values"].clone();
    let read = found(&json!({
        "version": 4, "terraform_version": "1.9.0", "lineage": "x", "outputs": { "queue": { "value": "work", "type": "string" } },
        "resources": [
            { "module": "module.m", "mode": "managed", "type": "aws_cloudwatch_metric_alarm", "name": "e", "instances": [{ "index_key": "a", "attributes": attributes }] },
            { "mode": "data", "type": "aws_cloudwatch_metric_alarm", "name": "d", "instances": [{ "attributes": {} }] },
        ],
    }));
    assert_eq!(read.groups[0].place.to_string(), "123456789012/eu-west-1");
    assert!(read.groups[0].catalogue.find("module.m.aws_cloudwatch_metric_alarm.e[\"a\"]").is_some());
    assert_eq!(read.outputs["queue"], "work");
}

#[test]
fn what_cannot_be_evaluated_is_named_with_its_reason() {
    let of = |kind: &str, values: Value| json!({ "address": format!("{kind}.x"), "type": kind, "values": values });
    let read = found(&plan(
        json!([
            of("awscc_cloudwatch_alarm", json!({ "alarm_name": "cc" })),
            of("aws_cloudwatch_log_alarm", json!({ "alarm_name": "log" })),
            alarm(
                "a.promql",
                json!({ "alarm_name": "promql", "evaluation_criteria": [{ "query": "up" }], "comparison_operator": null })
            ),
            alarm("a.halves", json!({ "alarm_name": "halves", "evaluation_periods": 1.7 })),
            alarm("a.stat", json!({ "alarm_name": "stat", "statistic": "p99" })),
            alarm("a.list", json!({ "alarm_name": "list", "dimensions": ["x"] })),
        ]),
        json!({}),
    ));
    let reasons: std::collections::BTreeMap<_, _> = read
        .groups
        .iter()
        .flat_map(|group| &group.catalogue.not_supported)
        .map(|left_out| (left_out.alarm.as_str(), left_out.reason.as_str()))
        .collect();
    assert_eq!(reasons["cc"], "not supported: awscc_cloudwatch_alarm (awscc_cloudwatch_alarm.x)");
    assert_eq!(reasons["log"], "not supported: aws_cloudwatch_log_alarm (aws_cloudwatch_log_alarm.x)");
    assert_eq!(reasons["promql"], "not supported: PromQL (EvaluationCriteria)");
    assert_eq!(reasons["halves"], "EvaluationPeriods is `1.7`, and a whole number was expected");
    assert_eq!(reasons["stat"], "Statistic `p99` belongs into ExtendedStatistic");
    assert_eq!(reasons["list"], "a dimension is `\"x\"`, and needs Name and Value");
    assert_eq!(read.len(), 6);
}

#[test]
fn a_mute_rule_is_read() {
    let rule = json!({ "address": "aws_cloudwatch_alarm_mute_rule.n", "type": "aws_cloudwatch_alarm_mute_rule", "values": {
        "name": "nights", "rule": [{ "schedule": [{ "expression": "cron(0 2 * * ?)", "duration": "PT4H", "timezone": "Europe/Berlin" }] }],
        "mute_targets": [{ "alarm_names": ["errors"] }],
    } });
    let read = found(&plan(json!([rule]), json!({})));
    assert_eq!(read.groups[0].catalogue.not_supported, []);
    let rule = &read.groups[0].catalogue.mute_rules[0];
    assert_eq!((rule.targets.as_slice(), rule.duration_s), (&["errors".to_owned()][..], 14_400));
}
