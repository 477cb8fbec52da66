use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use alarms::model::MetricKey;
use serde::Deserialize;

/// What is emitted: per namespace the metrics, their units and their dimensions.
#[derive(Clone, Debug, Default)]
pub struct Emitted {
    namespaces: BTreeMap<String, Namespace>,
    resources: BTreeMap<String, Vec<String>>,
    largest: Vec<Largest>,
    /// When AWS's pages were read.
    as_of: String,
}

/// Why a list of emitted metrics cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct EmittedError(#[from] serde_norway::Error);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    #[allow(dead_code)] // Read by people.
    source: Option<String>,
    namespaces: BTreeMap<String, Namespace>,
    #[serde(default)]
    resources: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    largest: Vec<Largest>,
}

/// A bound that settings put on a metric.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Largest {
    pub(super) namespace: String,
    pub(super) metric: String,
    pub(super) dimensions: BTreeMap<String, String>,
    /// The path of the setting, its parts joined by dots, and the factor that makes the metric's unit of it.
    pub(super) setting: String,
    #[serde(default = "one")]
    pub(super) times: f64,
}

fn one() -> f64 {
    1.0
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Namespace {
    #[serde(default)]
    dimension_sets: Vec<Vec<String>>,
    #[serde(default)]
    values: BTreeMap<String, Vec<String>>,
    metrics: BTreeMap<String, Metric>,
    /// A service's own list, which grows: what is not in it may exist all the same.
    #[serde(skip)]
    open: bool,
    /// Every dimension's name, for metrics whose exact sets are not listed.
    #[serde(skip)]
    dimensions: BTreeSet<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Metric {
    #[serde(default)]
    unit: Option<String>,
    #[serde(default)]
    dimension_sets: Option<Vec<Vec<String>>>,
    #[serde(default)]
    values: BTreeMap<String, Vec<String>>,
    /// One 0/1 sample a request: the Average is a ratio.
    #[serde(default)]
    ratio: bool,
    /// Its sets are not known one by one.
    #[serde(skip)]
    any_set: bool,
}

/// What AWS's pages list, made by `data/make-aws-metrics`.
#[derive(Deserialize)]
struct AwsFile {
    as_of: String,
    namespaces: BTreeMap<String, AwsNamespace>,
}

#[derive(Deserialize)]
struct AwsNamespace {
    dimensions: Vec<String>,
    metrics: BTreeMap<String, String>,
}

/// Why a metric has no data, or might have none.
pub(super) enum Absent {
    /// Nobody emits this name; known are those.
    Metric(Vec<String>),
    /// The list of a service has no such name, and one that is close.
    Misspelt(String),
    /// The list of a service has no such name. It may be newer than the list.
    Unlisted,
    /// The name exists with other dimensions only.
    Dimensions(Vec<Vec<String>>),
    /// The service has no dimension of that name; one that is close, and all of them.
    Dimension(String, Option<String>, Vec<String>),
    /// A dimension has a value that is never emitted.
    Value(String, Vec<String>),
}

impl Emitted {
    /// What the AWS services emit, as their pages list it: `data/aws-metrics.json` and, where sets of dimensions matter,
    /// `data/exact-metrics.yaml`.
    pub fn aws() -> Result<Self, EmittedError> {
        static READ: OnceLock<Emitted> = OnceLock::new();
        if let Some(read) = READ.get() {
            return Ok(read.clone());
        }
        let listed: AwsFile = serde_norway::from_str(include_str!("../../data/aws-metrics.json"))?;
        let exact: File = serde_norway::from_str(include_str!("../../data/exact-metrics.yaml"))?;
        let mut namespaces: BTreeMap<String, Namespace> = BTreeMap::new();
        for (name, namespace) in listed.namespaces {
            let metric = |unit: String| Metric {
                unit: Some(unit).filter(|unit| !unit.is_empty()),
                any_set: true,
                ..Metric::default()
            };
            let metrics = namespace.metrics.into_iter().map(|(name, unit)| (name, metric(unit))).collect();
            let dimensions = namespace.dimensions.into_iter().collect();
            namespaces.insert(name, Namespace { metrics, dimensions, open: true, ..Namespace::default() });
        }
        for (name, exact) in exact.namespaces {
            let namespace = namespaces.entry(name).or_default();
            namespace.open = true;
            let sets = exact.metrics.values().filter_map(|metric| metric.dimension_sets.as_ref());
            let all = sets.flatten().chain(&exact.dimension_sets).flatten();
            namespace.dimensions.extend(all.cloned());
            namespace.dimension_sets = exact.dimension_sets;
            namespace.values = exact.values;
            namespace.metrics.extend(exact.metrics);
        }
        let emitted = Emitted { namespaces, as_of: listed.as_of, ..Emitted::default() };
        Ok(READ.get_or_init(|| emitted).clone())
    }

    /// Adds a list in YAML or JSON, its placeholders filled or standing for themselves. Such a list is complete: what is not in it is
    /// not emitted.
    pub fn and(mut self, text: &str) -> Result<Self, EmittedError> {
        let file: File = serde_norway::from_str(text)?;
        self.namespaces.extend(file.namespaces);
        self.resources.extend(file.resources);
        self.largest.extend(file.largest);
        Ok(self)
    }

    /// When AWS's pages were read: `2026-08-21`.
    pub fn as_of(&self) -> &str {
        &self.as_of
    }

    /// How many namespaces are listed.
    pub fn namespaces(&self) -> usize {
        self.namespaces.len()
    }

    pub(super) fn largest(&self) -> &[Largest] {
        &self.largest
    }

    pub(super) fn knows(&self, namespace: &str) -> bool {
        self.namespaces.contains_key(namespace)
    }

    /// A namespace that is not known and looks like one that is.
    pub(super) fn close_namespace(&self, namespace: &str) -> Option<&str> {
        close(namespace, self.namespaces.keys().map(String::as_str))
    }

    /// Every metric of the namespaces that are not AWS's own, once for each set of values of its dimensions: what is billed.
    pub fn custom(&self) -> Vec<MetricKey> {
        let mut keys = Vec::new();
        for (name, namespace) in self.namespaces.iter().filter(|(_, namespace)| !namespace.open) {
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
        self.namespaces.get(&key.namespace)?.metrics.get(&key.name)?.unit.as_deref()
    }

    pub(super) fn is_ratio(&self, key: &MetricKey) -> bool {
        let namespace = self.namespaces.get(&key.namespace);
        namespace.and_then(|n| n.metrics.get(&key.name)).is_some_and(|metric| metric.ratio)
    }

    /// Why an alarm on `key` would never see data; `None` when it does, or when its namespace is unknown.
    pub(super) fn absent(&self, key: &MetricKey) -> Option<Absent> {
        let namespace = self.namespaces.get(&key.namespace)?;
        let used: BTreeSet<&str> = key.dimensions.keys().map(String::as_str).collect();
        // Dimensions that nobody knows yet, and those of other accounts, are nobody's mistake.
        let unknown = used.iter().any(|name| name.starts_with('('));
        let Some(metric) = namespace.metrics.get(&key.name) else {
            let names = || namespace.metrics.keys().map(String::as_str);
            return Some(match close(&key.name, names()) {
                _ if !namespace.open => Absent::Metric(names().map(str::to_owned).collect()),
                Some(near) => Absent::Misspelt(near.to_owned()),
                None => Absent::Unlisted,
            });
        };
        if unknown || crate::sources::is_symbolic(&key.name) {
            return None;
        }
        if metric.any_set {
            let known = || namespace.dimensions.iter().map(String::as_str);
            let stray = used.iter().find(|name| !namespace.dimensions.contains(**name))?;
            let near = close(stray, known()).map(str::to_owned);
            // Lists of dimensions grow too: only what looks like another is a mistake.
            return near
                .is_some()
                .then(|| Absent::Dimension((*stray).to_owned(), near, known().map(str::to_owned).collect()));
        }
        let sets = metric.dimension_sets.as_ref().unwrap_or(&namespace.dimension_sets);
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

/// The name that was probably meant: the same but for case and separators, or two letters away.
pub(super) fn close<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let plain =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let bare = plain(wanted);
    let mut best: Option<(usize, &str)> = None;
    for name in names {
        let other = plain(name);
        let distance = if other == bare { 0 } else { strsim::damerau_levenshtein(&bare, &other) };
        // Short names differ by little anyway.
        let most = match bare.chars().count() {
            0..=4 => 0,
            5..=9 => 1,
            _ => 2,
        };
        if distance <= most && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, name));
        }
    }
    best.map(|(_, name)| name)
}
