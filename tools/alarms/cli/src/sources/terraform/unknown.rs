//! What a plan doesn't know yet, named after where it comes from.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{super::symbol::known_after_apply, without_index};
use crate::sources::Found;

/// What a plan says beside its values.
pub(super) struct Plan<'a> {
    unknown: HashMap<&'a str, &'a Value>,
    /// Expressions of the configuration, by address without indices.
    expressions: HashMap<String, &'a Value>,
    /// Keys of provider configurations, by address without indices.
    providers: HashMap<String, &'a str>,
    regions: HashMap<&'a str, &'a str>,
}

impl<'a> Plan<'a> {
    pub(super) fn of(plan: &'a Value) -> Self {
        let changes = plan["resource_changes"].as_array().into_iter().flatten();
        let unknown = changes
            .filter_map(|change| Some((change["address"].as_str()?, change.pointer("/change/after_unknown")?)))
            .collect();
        let mut read =
            Plan { unknown, expressions: HashMap::new(), providers: HashMap::new(), regions: HashMap::new() };
        if let Some(root) = plan.pointer("/configuration/root_module") {
            read.configuration(root, "", 0);
        }
        for (key, provider) in
            plan.pointer("/configuration/provider_config").and_then(Value::as_object).into_iter().flatten()
        {
            let region = &provider["expressions"]["region"];
            let constant = region["constant_value"].as_str();
            let variable = region["references"][0].as_str().and_then(|reference| reference.strip_prefix("var."));
            let value = variable.and_then(|name| plan["variables"][name]["value"].as_str());
            read.regions.extend(constant.or(value).map(|region| (key.as_str(), region)));
        }
        read
    }

    fn configuration(&mut self, module: &'a Value, prefix: &str, depth: usize) {
        for resource in module["resources"].as_array().into_iter().flatten() {
            let address = format!("{prefix}{}", resource["address"].as_str().unwrap_or_default());
            self.providers.extend(resource["provider_config_key"].as_str().map(|key| (address.clone(), key)));
            self.expressions.insert(address, &resource["expressions"]);
        }
        if depth < 64 {
            for (name, call) in module["module_calls"].as_object().into_iter().flatten() {
                self.configuration(&call["module"], &format!("{prefix}module.{name}."), depth + 1);
            }
        }
    }

    /// The region of a resource: its own (provider 6 and later), or its provider's.
    pub(super) fn region(&self, address: &str, values: &Value) -> Option<String> {
        let own = values["region"].as_str().map(str::to_owned);
        let key = || self.providers.get(&without_index(address)).copied().unwrap_or("aws");
        own.or_else(|| self.regions.get(key()).map(|region| (*region).to_owned()))
    }

    /// The addresses of queues that another queue's redrive policy refers to.
    pub(super) fn dead_letter_targets(&self) -> Vec<String> {
        let policies = self.expressions.values().map(|expressions| &expressions["redrive_policy"]["references"]);
        let references = policies.filter_map(Value::as_array).flatten().filter_map(Value::as_str);
        references.filter(|reference| reference.starts_with("aws_sqs_queue.")).map(str::to_owned).collect()
    }

    /// The values of a resource with symbols in the place of what is not known.
    pub(super) fn with_unknowns(&self, address: &str, values: &Value, found: &mut Found) -> Value {
        let mut values = values.clone();
        let Some(Value::Object(unknown)) = self.unknown.get(address).copied() else { return values };
        let expressions = self.expressions.get(&without_index(address)).copied().unwrap_or(&Value::Null);
        if !values.is_object() {
            values = Value::Object(Map::new());
        }
        for (key, unknown) in unknown {
            // These are unknown in every first plan, and nobody asks.
            if matches!(key.as_str(), "id" | "arn" | "tags_all" | "owner") || is_computed(expressions, key, unknown) {
                continue;
            }
            let path = Path { address, key, expressions: &expressions[key] };
            found.unknown += merge(&mut values[key.as_str()], unknown, &path, key);
        }
        values
    }
}

/// Blocks of alarms and mute rules: a dynamic one stands in no configuration.
const BLOCKS: [&str; 6] =
    ["metric_query", "actions_suppressor", "evaluation_window", "evaluation_criteria", "rule", "mute_targets"];

/// Whether nobody has set it: then the provider computes it, and what that comes to is the default.
fn is_computed(expressions: &Value, key: &str, unknown: &Value) -> bool {
    let is_set = expressions.as_object().is_none_or(|set| set.contains_key(key));
    *unknown == Value::Bool(true) && !is_set && !BLOCKS.contains(&key)
}

struct Path<'a> {
    address: &'a str,
    key: &'a str,
    expressions: &'a Value,
}

impl Path<'_> {
    /// What an unknown value is called: the attribute it comes from, where that is one and no loop's; its own place otherwise.
    fn symbol(&self, place: &str) -> String {
        let references = self.expressions["references"].as_array();
        let first = references.and_then(|list| list.first()).and_then(Value::as_str);
        let alone = references.is_some_and(|list| {
            let attributes = list.iter().filter_map(Value::as_str);
            let longest = attributes.clone().next().unwrap_or_default();
            attributes.clone().all(|reference| longest.starts_with(reference))
        });
        let of_loop =
            |reference: &str| ["each.", "var.", "local.", "count."].iter().any(|head| reference.starts_with(head));
        match first.filter(|first| alone && !of_loop(first) && !self.address.contains('[')) {
            Some(reference) => known_after_apply(reference),
            None => known_after_apply(&format!("{}.{place}", self.address)),
        }
    }
}

/// Puts symbols where `unknown` is true; says how many.
fn merge(value: &mut Value, unknown: &Value, path: &Path<'_>, place: &str) -> usize {
    match unknown {
        Value::Bool(true) => {
            let symbol = Value::String(path.symbol(place));
            *value = match (path.key, place == path.key) {
                // A list of one, and a map of one, whatever they will hold.
                ("alarm_actions" | "ok_actions" | "insufficient_data_actions", true) => Value::Array(vec![symbol]),
                ("dimensions", true) => serde_json::json!({ "(known after apply)": symbol }),
                _ => symbol,
            };
            1
        }
        Value::Object(keys) => {
            if !value.is_object() {
                *value = Value::Object(Map::new());
            }
            let merged = keys.iter().map(|(key, unknown)| {
                if !has_unknown(unknown) {
                    return 0;
                }
                let is_whole_map = key == "dimensions" && *unknown == Value::Bool(true);
                let symbol = path.symbol(&format!("{place}.{key}"));
                if is_whole_map {
                    value[key.as_str()] = serde_json::json!({ "(known after apply)": symbol });
                    return 1;
                }
                merge(&mut value[key.as_str()], unknown, path, &format!("{place}.{key}"))
            });
            merged.sum()
        }
        Value::Array(items) => {
            if !items.iter().any(has_unknown) {
                return 0;
            }
            if !value.is_array() {
                *value = Value::Array(Vec::new());
            }
            let Value::Array(list) = value else { return 0 };
            list.resize(list.len().max(items.len()), Value::Null);
            let merged = items.iter().zip(list).enumerate();
            merged.map(|(at, (unknown, value))| merge(value, unknown, path, &format!("{place}.{at}"))).sum()
        }
        _ => 0,
    }
}

fn has_unknown(unknown: &Value) -> bool {
    match unknown {
        Value::Bool(unknown) => *unknown,
        Value::Array(items) => items.iter().any(has_unknown),
        Value::Object(map) => map.values().any(has_unknown),
        _ => false,
    }
}
