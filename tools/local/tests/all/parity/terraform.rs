//! What Terraform declares for the environment `local`, from `terraform test`'s own report.

use std::{collections::BTreeMap, path::Path, process::Command};

use serde_json::{Map, Value};

use super::IDENTITIES;

/// Resources by type: all that the mocked provider knows of one, and what of it is declared.
#[derive(Debug)]
pub(crate) struct Declared {
    pub(crate) resources: BTreeMap<String, Vec<(Value, Value)>>,
}

pub(crate) fn project() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// By each version of the provider that `scripts/check-terraform` has at hand; or why none can be had.
pub(crate) fn declared() -> Result<Vec<Declared>, String> {
    let output = Command::new(project().join("scripts/check-terraform"))
        .env("TF_CLI_ARGS_test", "-json -verbose -filter=tests/parity.tftest.hcl")
        .output()
        .expect("scripts/check-terraform runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if let Some(why) = text.lines().find_map(|line| line.strip_prefix("skipped: ")) {
        return Err(why.to_owned());
    }
    let report = || format!("{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "scripts/check-terraform: {}", report());
    let of = |kind: &str| {
        let lines = text.lines().filter(|line| line.starts_with('{'));
        let messages = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
        messages.filter_map(|mut message| message.get_mut(kind).map(Value::take)).collect::<Vec<_>>()
    };
    let (plans, states) = (of("test_plan"), of("test_state"));
    assert!(!plans.is_empty() && plans.len() == states.len(), "not one plan and one state a provider in {}", report());
    Ok(plans.iter().zip(&states).map(|(plan, state)| by_one_provider(plan, state)).collect())
}

fn by_one_provider(plan: &Value, state: &Value) -> Declared {
    let mut resources: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for resource in
        state["root_module"]["resources"].as_array().expect("resources").iter().filter(|it| it["mode"] == "managed")
    {
        let change = plan["resource_changes"]
            .as_array()
            .expect("changes")
            .iter()
            .find(|it| it["address"] == resource["address"]);
        let change = &change.unwrap_or_else(|| panic!("{} is not planned", resource["address"]))["change"];
        let kind = resource["type"].as_str().expect("a type");
        let schema =
            plan["provider_schemas"].as_object().expect("schemas").values().next().expect("a provider's schema");
        let block = &schema["resource_schemas"][kind]["block"];
        assert!(block.is_object(), "no schema of {kind}");
        let values = resource["values"].clone();
        let set = declared_in(&values, &change["after"], block);
        resources.entry(kind.to_owned()).or_default().push((values, set));
    }
    Declared { resources }
}

/// The part of a block that the configuration sets. What the provider may fill in by itself, and which the plan does not know
/// yet, is taken for filled in if it looks like the mock's. Values that are nothing (zero, false, empty) are no different from not being there.
fn declared_in(values: &Value, planned: &Value, block: &Value) -> Value {
    let mut set = Map::new();
    for (name, value) in values.as_object().into_iter().flatten() {
        let attribute = &block["attributes"][name];
        let nested = &block["block_types"][name]["block"];
        let value = if nested.is_object() {
            let within = |(index, value)| declared_in(value, &planned[name][index], nested);
            value.as_array().into_iter().flatten().enumerate().map(within).collect()
        } else if attribute["computed"] == true && (planned[name].is_null() && is_made_up(name, value)) {
            continue;
        } else {
            value.clone()
        };
        // Tags say who manages a resource.
        if !matches!(name.as_str(), "tags" | "tags_all") && !is_nothing(&value) {
            set.insert(name.clone(), value);
        }
    }
    Value::Object(set)
}

/// By the mock: `tests/mocks` for the identities, eight letters and digits for the rest.
fn is_made_up(name: &str, value: &Value) -> bool {
    let by_chance =
        |text: &str| text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    IDENTITIES.contains(&name) || value.as_str().is_none_or(by_chance)
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(yes) => !yes,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
    }
}
