//! What `tools/alarms` believes the functions emit is what they emit.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use telemetry::metrics::MetricSpec;

/// Unit, and the dimension sets by which each service publishes it.
type Metric = (String, BTreeMap<String, BTreeSet<Vec<String>>>);

fn defined() -> BTreeMap<String, Metric> {
    let settings: Value = serde_json::from_str(include_str!("../../../../terraform/settings.json")).unwrap();
    // Of the durations and cold starts, those that the settings name are metrics; the others are members of their line.
    let published = |service: &str, metric: &str| {
        let named = settings["functions"][service]["environment"]["OPTIONAL_METRICS"].as_str().unwrap();
        !(metric.ends_with("Duration") || ["QueueWait", "ColdStart"].contains(&metric))
            || named.split(',').any(|name| name == metric)
    };
    let mut metrics: BTreeMap<String, Metric> = BTreeMap::new();
    let mut add = |service: &str, specs: Vec<MetricSpec>| {
        for spec in specs.into_iter().filter(|spec| published(service, &spec.name)) {
            let metric = metrics.entry(spec.name).or_insert_with(|| (spec.unit.clone(), BTreeMap::new()));
            assert_eq!(metric.0, spec.unit);
            metric.1.entry(service.to_owned()).or_default().extend(spec.dimension_sets);
        }
    };
    add("validator", validator::metrics().unwrap());
    add("processor", processor::metrics().unwrap());
    add("viewer", viewer::metrics().unwrap());
    for service in ["validator", "processor", "viewer"] {
        add(service, telemetry::metrics::own().unwrap());
    }
    metrics
}

fn listed() -> BTreeMap<String, Metric> {
    let file: Value = serde_norway::from_str(include_str!("../../../alarms/data/emitted.yaml")).unwrap();
    let ours = &file["namespaces"]["${namespace}"];
    let strings = |value: &Value| -> Vec<String> {
        value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    let either = |metric: &Value, name: &str| match metric.get(name) {
        Some(own) => own.clone(),
        None => ours[name].clone(),
    };
    ours["metrics"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, metric)| {
            let sets: BTreeSet<_> = either(metric, "dimension_sets").as_array().unwrap().iter().map(strings).collect();
            let services = match metric["values"].get("Service") {
                Some(services) => strings(services),
                None => strings(&ours["values"]["Service"]),
            };
            let by_service = services.into_iter().map(|service| (service, sets.clone())).collect();
            (name.clone(), (metric["unit"].as_str().unwrap().to_owned(), by_service))
        })
        .collect()
}

#[test]
fn the_list_that_the_lints_use_is_what_the_functions_define() {
    let (defined, listed) = (defined(), listed());
    for (name, metric) in &defined {
        assert_eq!(listed.get(name), Some(metric), "{name}: correct tools/alarms/data/emitted.yaml");
    }
    let gone: Vec<_> = listed.keys().filter(|name| !defined.contains_key(*name)).collect();
    assert!(gone.is_empty(), "no function emits {gone:?} any more: take them out of tools/alarms/data/emitted.yaml");
}
