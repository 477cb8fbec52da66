//! `terraform show -json` of a plan or a state, and the state file itself.

mod unknown;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use self::unknown::Plan;
use super::{
    definition,
    described::pascal_word,
    found::{Found, Kind, Place},
    resource::{Resource, TYPES},
};

/// The output of `terraform show -json`.
pub(super) fn is_shown(value: &Value) -> bool {
    value.pointer("/planned_values").is_some_and(Value::is_object)
        || value.pointer("/values/root_module").is_some_and(Value::is_object)
        || value["planned_values"].is_object()
        || (value["format_version"].is_string() && value["terraform_version"].is_string())
}

/// A state file, version 4.
pub(super) fn is_state(value: &Value) -> bool {
    value["resources"].is_array() && (value["lineage"].is_string() || value["terraform_version"].is_string())
}

pub(super) fn read_shown(value: &Value, found: &mut Found) {
    let root = value.pointer("/planned_values/root_module").or_else(|| value.pointer("/values/root_module"));
    let outputs = value.pointer("/planned_values/outputs").or_else(|| value.pointer("/values/outputs"));
    take_outputs(outputs, found);
    let plan = Plan::of(value);
    let mut resources = Vec::new();
    if let Some(root) = root {
        collect(root, 0, &mut resources);
    }
    for resource in resources {
        let text = |key: &str| resource[key].as_str().unwrap_or_default();
        let (address, kind) = (text("address"), text("type"));
        if !is_read(kind) {
            continue;
        }
        let values = plan.with_unknowns(address, &resource["values"], found);
        let region = plan.region(address, &values);
        read_one(kind, address, &values, region, found);
    }
    mark_dead_letter_queues(found, &plan.dead_letter_targets());
}

pub(super) fn read_state(value: &Value, found: &mut Found) {
    take_outputs(value.get("outputs"), found);
    for resource in value["resources"].as_array().into_iter().flatten() {
        if resource["mode"].as_str() == Some("data") {
            continue;
        }
        let text = |key: &str| resource[key].as_str().unwrap_or_default();
        let module = resource["module"].as_str().map(|module| format!("{module}.")).unwrap_or_default();
        for instance in resource["instances"].as_array().into_iter().flatten() {
            let index = match &instance["index_key"] {
                Value::Null => String::new(),
                key => format!("[{key}]"),
            };
            let address = format!("{module}{}.{}{index}", text("type"), text("name"));
            read_one(text("type"), &address, &instance["attributes"], None, found);
        }
    }
    mark_dead_letter_queues(found, &[]);
}

fn take_outputs(outputs: Option<&Value>, found: &mut Found) {
    for (name, output) in outputs.and_then(Value::as_object).into_iter().flatten() {
        if let Some(text) = output["value"].as_str() {
            found.outputs.insert(name.clone(), text.to_owned());
        }
    }
}

fn collect<'a>(module: &'a Value, depth: usize, resources: &mut Vec<&'a Value>) {
    let list = |key: &str| module[key].as_array().into_iter().flatten();
    resources.extend(list("resources").filter(|resource| resource["mode"].as_str() != Some("data")));
    if depth < 64 {
        for child in list("child_modules") {
            collect(child, depth + 1, resources);
        }
    }
}

/// Alarms of every sort, and what they may watch.
fn is_read(kind: &str) -> bool {
    is_alarm(kind) || TYPES.iter().any(|of| of.terraform == kind)
}

fn is_alarm(kind: &str) -> bool {
    kind.contains("cloudwatch") && kind.contains("alarm")
}

fn read_one(kind: &str, address: &str, values: &Value, region: Option<String>, found: &mut Found) {
    match kind {
        "aws_cloudwatch_metric_alarm" | "aws_cloudwatch_composite_alarm" => {
            let place = Place::of_arn(definition::text(values, "arn").unwrap_or_default());
            let place = Place { region: place.region.or(region), account: place.account };
            let kind = if kind.contains("composite") { Kind::Composite } else { Kind::Metric };
            let name = definition::text(values, "alarm_name").unwrap_or(address);
            found.add(place, kind, &api_form(values), name, address, address);
        }
        "aws_cloudwatch_alarm_mute_rule" => {
            let name = definition::text(values, "name").unwrap_or(address);
            found.add(Place { region, account: None }, Kind::Mute, &api_form(values), name, address, address);
        }
        kind if is_alarm(kind) => {
            let name = definition::text(values, "alarm_name").unwrap_or(address);
            found.not_supported(name, &format!("not supported: {kind} ({address})"));
        }
        _ => resource(kind, address, values, found),
    }
}

/// The provider's attributes in the API's form. Blocks are lists of one, dimensions a map, and some numbers are texts.
fn api_form(values: &Value) -> Value {
    let Some(values) = values.as_object() else { return Value::Null };
    let mut api = Map::new();
    for (key, value) in values {
        let is_empty = value.is_null() || value.as_str() == Some("") || value.as_array().is_some_and(Vec::is_empty);
        if is_empty {
            continue;
        }
        match key.as_str() {
            "metric_query" => {
                let entries = value.as_array().into_iter().flatten().map(metric_query);
                api.insert("Metrics".into(), entries.collect());
            }
            "actions_suppressor" => {
                let block = one(value);
                api.insert("ActionsSuppressor".into(), block["alarm"].clone());
                api.insert("ActionsSuppressorWaitPeriod".into(), block["wait_period"].clone());
                api.insert("ActionsSuppressorExtensionPeriod".into(), block["extension_period"].clone());
            }
            "evaluate_low_sample_count_percentiles" => {
                api.insert("EvaluateLowSampleCountPercentile".into(), value.clone());
            }
            "evaluation_window" | "rule" | "mute_targets" | "evaluation_criteria" => {
                api.insert(pascal_word(key), blocks(value));
            }
            "dimensions" => {
                api.insert("Dimensions".into(), value.clone());
            }
            "period" | "datapoints_to_alarm" if definition::number(value) == Some(0.0) => {}
            _ => {
                api.insert(pascal_word(key), value.clone());
            }
        }
    }
    Value::Object(api)
}

fn one(value: &Value) -> &Value {
    value.as_array().and_then(|list| list.first()).unwrap_or(value)
}

/// Nested blocks: each a list of one, or an object.
fn blocks(value: &Value) -> Value {
    match one(value) {
        Value::Object(map) => Value::Object(
            map.iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| {
                    let is_block = matches!(one(value), Value::Object(_));
                    (pascal_word(key), if is_block { blocks(value) } else { value.clone() })
                })
                .collect(),
        ),
        other => other.clone(),
    }
}

fn metric_query(block: &Value) -> Value {
    let present = |key: &str| {
        let value = &block[key];
        (!value.is_null() && value.as_str() != Some("")).then(|| value.clone())
    };
    let mut entry = Map::new();
    for (from, to) in [("id", "Id"), ("label", "Label"), ("expression", "Expression"), ("account_id", "AccountId")] {
        entry.extend(present(from).map(|value| (to.to_owned(), value)));
    }
    // The provider's default is false.
    entry.insert("ReturnData".into(), present("return_data").unwrap_or(Value::Bool(false)));
    entry.extend(
        present("period").filter(|period| definition::number(period) != Some(0.0)).map(|p| ("Period".into(), p)),
    );
    let metric = one(&block["metric"]);
    if metric.is_object() {
        entry.insert(
            "MetricStat".into(),
            json!({
                "Metric": {
                    "Namespace": metric["namespace"],
                    "MetricName": metric["metric_name"],
                    "Dimensions": metric["dimensions"],
                },
                "Period": metric["period"],
                "Stat": metric["stat"],
                "Unit": metric["unit"],
            }),
        );
    }
    Value::Object(entry)
}

fn resource(kind: &str, address: &str, values: &Value, found: &mut Found) {
    let Some(of) = TYPES.iter().find(|of| of.terraform == kind && !kind.is_empty()) else { return };
    let known = |attribute: &str| {
        let text = definition::text(values, attribute).map(str::to_owned);
        text.unwrap_or_else(|| super::known_after_apply(&format!("{address}.{attribute}")))
    };
    let dimensions = of.dimensions.iter().map(|(name, _, attribute)| (*name, known(attribute))).collect();
    #[expect(clippy::cast_possible_truncation, reason = "seconds")]
    let bound = |attribute: &str| definition::number(&values[attribute]).map(|number| number as i64);
    let bounds: BTreeMap<_, _> =
        of.bounds.iter().filter_map(|(name, _, attribute)| Some((*name, bound(attribute)?))).collect();
    let is_dead_letter_queue = false;
    found.resources.push(Resource {
        address: address.to_owned(),
        kind: of.kind,
        dimensions,
        bounds,
        is_dead_letter_queue,
    });
}

/// Queues that others send what they give up.
fn mark_dead_letter_queues(found: &mut Found, targets: &[String]) {
    for resource in &mut found.resources {
        let queue = resource.kind == "AWS::SQS::Queue";
        let named = resource.dimensions.values().any(|name| {
            let name = name.to_ascii_lowercase();
            name.contains("dlq") || name.contains("dead-letter") || name.contains("deadletter")
        });
        let targeted = targets.iter().any(|target| *target == without_index(&resource.address));
        resource.is_dead_letter_queue |= queue && (named || targeted);
    }
}

fn without_index(address: &str) -> String {
    let mut depth = 0_usize;
    address
        .chars()
        .filter(|c| {
            match c {
                '[' => depth += 1,
                ']' => {
                    depth = depth.saturating_sub(1);
                    return false;
                }
                _ => {}
            }
            depth == 0
        })
        .collect()
}

#[cfg(test)]
mod tests;
