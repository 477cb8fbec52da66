//! What `suite up` provisions is what Terraform declares. Neither side is a second list: one is read back from a running stack
//! through its services (`suite describe`), the other is Terraform's plan and state of the same environment against a mock
//! (`terraform/tests/parity.tftest.hcl`).

mod terraform;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use self::terraform::Declared;
use crate::common::{Stack, skipped};

/// What makes a resource the one it is, among those of its type. A type without a key is a difference.
const KEYS: &[(&str, &[&str])] = &[
    // In this order: a later one refers to earlier ones by ids that each side makes up on its own.
    ("aws_sqs_queue", &["name"]),
    ("aws_dynamodb_table", &["name"]),
    ("aws_iam_role", &["name"]),
    ("aws_cloudwatch_log_group", &["name"]),
    ("aws_lambda_function", &["function_name"]),
    ("aws_api_gateway_rest_api", &["name"]),
    ("aws_api_gateway_resource", &["path_part"]),
    ("aws_api_gateway_request_validator", &["name"]),
    ("aws_sqs_queue_redrive_allow_policy", &["queue_url"]),
    ("aws_iam_role_policy", &["role", "name"]),
    ("aws_lambda_event_source_mapping", &["function_name", "event_source_arn"]),
    ("aws_lambda_permission", &["function_name", "statement_id"]),
    ("aws_api_gateway_model", &["name"]),
    ("aws_api_gateway_method", &["resource_id", "http_method"]),
    ("aws_api_gateway_integration", &["resource_id", "http_method"]),
    ("aws_api_gateway_method_response", &["resource_id", "http_method", "status_code"]),
    ("aws_api_gateway_integration_response", &["resource_id", "http_method", "status_code"]),
    ("aws_api_gateway_gateway_response", &["response_type"]),
    ("aws_api_gateway_deployment", &["rest_api_id"]),
    ("aws_api_gateway_stage", &["stage_name"]),
    ("aws_api_gateway_method_settings", &["stage_name", "method_path"]),
    ("aws_sns_topic", &["name"]),
    ("aws_sns_topic_policy", &["arn"]),
    ("aws_cloudwatch_metric_alarm", &["alarm_name"]),
    ("aws_cloudwatch_composite_alarm", &["alarm_name"]),
    ("aws_cloudwatch_dashboard", &["dashboard_name"]),
    ("aws_cloudwatch_query_definition", &["name"]),
    ("aws_xray_group", &["group_name"]),
    ("aws_xray_sampling_rule", &["rule_name"]),
];

/// What AWS, or a mock of it, makes up for a resource, and others refer to it by.
const IDENTITIES: &[&str] = &["id", "arn", "url", "execution_arn", "root_resource_id"];

/// Attributes in which the two differ on purpose. One that has come to be the same must go from here.
const DIFFERS: &[(&str, &str, &str)] = &[
    ("aws_iam_role", "description", "words for people, in the console"),
    ("aws_lambda_function", "description", "words for people, in the console"),
    ("aws_api_gateway_rest_api", "description", "words for people, in the console"),
    ("aws_api_gateway_model", "description", "words for people, in the console"),
    ("aws_api_gateway_deployment", "triggers", "an API that changes is deployed again; a local one never changes"),
    ("aws_lambda_function", "filename", "a path on the machine that deploys"),
    ("aws_lambda_function", "source_code_hash", "the mock has packages of its own"),
    ("aws_lambda_function", "architectures", "the local stack's is this machine's"),
];

#[tokio::test]
async fn the_local_stack_is_what_terraform_declares() {
    let declared = match terraform::declared() {
        Ok(declared) => declared,
        Err(why) => {
            return skipped(&format!("parity of Terraform and the local stack (tools/local/tests/all/parity): {why}"));
        }
    };
    let stack = Stack::up().await;
    let described = stack.suite(&["describe"]);
    assert!(described.status.success(), "local describe: {}", String::from_utf8_lossy(&described.stderr));
    let local: Resources = serde_json::from_slice(&described.stdout).expect("JSON");
    for declared in declared {
        let differences = compare(&declared, &local);
        assert!(differences.is_empty(), "Terraform and the local stack differ:\n{}", differences.join("\n"));
    }
}

type Resources = BTreeMap<String, Vec<Value>>;

fn compare(declared: &Declared, local: &Resources) -> Vec<String> {
    let mut differences = Vec::new();
    let mut met = Vec::new();
    let mut made_up = BTreeMap::new();
    for kind in declared.resources.keys().chain(local.keys()) {
        if !KEYS.iter().any(|(known, _)| known == kind) {
            differences.push(format!("{kind} has no key: it can't be compared"));
        }
    }
    for (kind, keys) in KEYS {
        let key = |resource: &Value| keys.iter().map(|key| resource[*key].to_string()).collect::<Vec<_>>().join(" ");
        // Twice: resources of one type refer to each other, too.
        for resolve in [true, false] {
            let mut theirs = BTreeMap::new();
            for (all, resource) in declared.resources.get(*kind).into_iter().flatten() {
                let resource = resolved(resource, &made_up);
                theirs.insert(key(&resource), (all, resource));
            }
            for ours in local.get(*kind).into_iter().flatten() {
                match theirs.remove(&key(ours)) {
                    Some((all, _)) if resolve => made_up.extend(identities(all, ours)),
                    Some((_, theirs)) => {
                        for (name, what) in attributes(ours, &theirs) {
                            if DIFFERS.iter().any(|(of, attribute, _)| of == kind && *attribute == name) {
                                met.push((*kind, name.to_owned()));
                            } else {
                                differences.push(format!("{kind} {} {name}: {what}", key(ours)));
                            }
                        }
                    }
                    None if resolve => {}
                    None => differences.push(format!("{kind} {}: only the local stack has it", key(ours))),
                }
            }
            if !resolve {
                differences.extend(theirs.keys().map(|key| format!("{kind} {key}: only Terraform has it")));
            }
        }
    }
    differences.extend(
        DIFFERS
            .iter()
            .filter(|(kind, name, _)| *name != "architectures" && !met.contains(&(*kind, (*name).to_owned())))
            .map(|(kind, name, _)| format!("{kind} {name} is the same: take it out of DIFFERS")),
    );
    differences
}

/// What the mock has made up, and what stands in its place.
fn identities(all: &Value, ours: &Value) -> Vec<(String, String)> {
    let pair = |name: &&str| Some((all[*name].as_str()?.to_owned(), ours[*name].as_str()?.to_owned()));
    IDENTITIES.iter().filter_map(pair).collect()
}

/// The attributes that are not the same, and how.
fn attributes<'a>(ours: &'a Value, theirs: &'a Value) -> BTreeMap<&'a str, String> {
    let (Some(ours), Some(theirs)) = (ours.as_object(), theirs.as_object()) else {
        panic!("{ours} and {theirs} are no resources")
    };
    ours.keys()
        .chain(theirs.keys())
        .map(|name| (name, ours.get(name).map(parsed), theirs.get(name).map(parsed)))
        .filter(|(name, ours, theirs)| ours != theirs && !(theirs.is_none() && IDENTITIES.contains(&name.as_str())))
        .map(|(name, ours, theirs)| (name.as_str(), format!("local {}, Terraform {}", shown(ours), shown(theirs))))
        .collect()
}

fn shown(value: Option<Value>) -> String {
    value.map_or_else(|| "nothing".into(), |value| value.to_string())
}

/// JSON within text is compared as what it means; numbers as numbers; lists as sets, which nearly all of Terraform's are.
fn parsed(value: &Value) -> Value {
    match value {
        Value::String(text) if text.starts_with(['{', '[']) => {
            serde_json::from_str(text).unwrap_or_else(|_| value.clone())
        }
        Value::Number(number) => number.as_f64().map_or_else(|| value.clone(), Value::from),
        Value::Array(list) => {
            let mut list: Vec<_> = list.iter().map(parsed).collect();
            list.sort_by_cached_key(Value::to_string);
            list.into()
        }
        Value::Object(map) => {
            map.iter().map(|(name, value)| (name.clone(), parsed(value))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

/// With what the mock has made up replaced by what the local stack has there.
fn resolved(value: &Value, made_up: &BTreeMap<String, String>) -> Value {
    match value {
        Value::String(text) => {
            let whole = made_up.get(text).cloned();
            // A made-up value inside a longer text; the shortest ones could be anything.
            Value::String(whole.unwrap_or_else(|| {
                made_up
                    .iter()
                    .filter(|(mock, _)| mock.len() >= 8)
                    .fold(text.clone(), |text, (mock, real)| text.replace(mock, real))
            }))
        }
        Value::Array(list) => list.iter().map(|value| resolved(value, made_up)).collect(),
        Value::Object(map) => {
            map.iter().map(|(name, value)| (name.clone(), resolved(value, made_up))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}
