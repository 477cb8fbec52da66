use crate::model::MetricKey;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use suite::{PlaceholderError, Placeholders};

/// What is emitted: per namespace the metrics, their units and their exact dimension sets.
#[derive(Clone, Debug, Default)]
pub struct Emitted {
    namespaces: BTreeMap<String, Namespace>,
    resources: BTreeMap<String, Vec<String>>,
}

/// Why a list of emitted metrics cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum EmittedError {
    /// Not YAML or JSON, or not of this form.
    #[error("{0}")]
    Yaml(#[from] serde_norway::Error),
    /// A placeholder that nothing fills.
    #[error("{0}")]
    Placeholder(#[from] PlaceholderError),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    #[allow(dead_code)] // Read by people.
    source: Option<String>,
    namespaces: BTreeMap<String, Namespace>,
    #[serde(default)]
    resources: BTreeMap<String, Vec<String>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Namespace {
    #[serde(default)]
    dimension_sets: Vec<Vec<String>>,
    #[serde(default)]
    values: BTreeMap<String, Vec<String>>,
    metrics: BTreeMap<String, Metric>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Metric {
    unit: String,
    #[serde(default)]
    dimension_sets: Option<Vec<Vec<String>>>,
    #[serde(default)]
    values: BTreeMap<String, Vec<String>>,
    /// One 0/1 sample a request: the Average is a ratio.
    #[serde(default)]
    ratio: bool,
}

/// Why a metric has no data.
pub(super) enum Absent {
    /// Nobody emits this name.
    Metric(Vec<String>),
    /// The name exists with other dimensions only.
    Dimensions(Vec<Vec<String>>),
    /// A dimension has a value that is never emitted.
    Value(String, Vec<String>),
}

impl Emitted {
    /// What the AWS services listed in `data/aws-metrics.yaml` emit.
    pub fn aws() -> Result<Self, EmittedError> {
        Emitted::default().and(include_str!("../../data/aws-metrics.yaml"), &Placeholders::none())
    }

    /// The project's own list, `data/emitted.yaml`.
    pub const PROJECT: &'static str = include_str!("../../data/emitted.yaml");

    /// Adds a list in YAML or JSON, its placeholders filled.
    pub fn and(mut self, text: &str, placeholders: &Placeholders) -> Result<Self, EmittedError> {
        let file: File = serde_norway::from_str(&placeholders.fill(text)?)?;
        self.namespaces.extend(file.namespaces);
        self.resources.extend(file.resources);
        Ok(self)
    }

    pub(super) fn knows(&self, namespace: &str) -> bool {
        self.namespaces.contains_key(namespace)
    }

    /// Every metric of the namespaces that are not AWS's own, once for each set of values of its dimensions: what is billed.
    pub fn custom(&self) -> Vec<MetricKey> {
        let mut keys = Vec::new();
        for (name, namespace) in self.namespaces.iter().filter(|(name, _)| !name.starts_with("AWS/")) {
            for (metric, described) in &namespace.metrics {
                for set in described.dimension_sets.as_ref().unwrap_or(&namespace.dimension_sets) {
                    let mut those = vec![MetricKey::new(name, metric)];
                    for dimension in set {
                        let values = described.values.get(dimension).or_else(|| namespace.values.get(dimension));
                        let values: Vec<&str> = values.into_iter().flatten().map(String::as_str).collect();
                        let with = |key: &MetricKey| {
                            values.iter().map(|value| key.clone().with(dimension, *value)).collect::<Vec<_>>()
                        };
                        those = those.iter().flat_map(with).collect();
                    }
                    keys.extend(those);
                }
            }
        }
        keys
    }

    pub(super) fn unit(&self, key: &MetricKey) -> Option<&str> {
        let metric = self.namespaces.get(&key.namespace)?.metrics.get(&key.name)?;
        Some(&metric.unit)
    }

    pub(super) fn is_ratio(&self, key: &MetricKey) -> bool {
        let namespace = self.namespaces.get(&key.namespace);
        namespace.and_then(|n| n.metrics.get(&key.name)).is_some_and(|metric| metric.ratio)
    }

    /// Why an alarm on `key` would never see data; `None` when it does, or when its namespace is unknown.
    pub(super) fn absent(&self, key: &MetricKey) -> Option<Absent> {
        let namespace = self.namespaces.get(&key.namespace)?;
        let Some(metric) = namespace.metrics.get(&key.name) else {
            return Some(Absent::Metric(namespace.metrics.keys().cloned().collect()));
        };
        let sets = metric.dimension_sets.as_ref().unwrap_or(&namespace.dimension_sets);
        let used: BTreeSet<&str> = key.dimensions.keys().map(String::as_str).collect();
        let emitted = sets.iter().any(|set| set.iter().map(String::as_str).collect::<BTreeSet<_>>() == used);
        if !emitted {
            return Some(Absent::Dimensions(sets.clone()));
        }
        key.dimensions.iter().find_map(|(dimension, value)| {
            let allowed = metric
                .values
                .get(dimension)
                .or_else(|| namespace.values.get(dimension))
                .or_else(|| self.resources.get(dimension))?;
            let wrong = !allowed.contains(value);
            wrong.then(|| Absent::Value(dimension.clone(), allowed.clone()))
        })
    }
}
