//! The form of a scenario file, as it is written.

use std::collections::BTreeMap;

use alarms::model::State;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    #[serde(default)]
    pub(super) metrics: BTreeMap<String, MetricEntry>,
    pub(super) scenarios: Vec<Entry>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MetricEntry {
    pub(super) namespace: Option<String>,
    pub(super) metric: Option<String>,
    #[serde(default)]
    pub(super) dimensions: BTreeMap<String, String>,
    pub(super) alarm: Option<String>,
    pub(super) id: Option<String>,
    pub(super) unit: Option<String>,
}

/// Series are texts throughout: `0x40` is forty points, and a number to YAML.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) name: String,
    /// A template: for each alarm whose key or name matches.
    pub(super) for_each: Option<String>,
    pub(super) start: Option<String>,
    #[serde(default = "one_minute")]
    pub(super) step: String,
    pub(super) delay: Option<String>,
    #[serde(default)]
    pub(super) dynamodb: Vec<String>,
    pub(super) readings: Option<Readings>,
    #[serde(default)]
    pub(super) depends_on: Vec<String>,
    #[serde(default)]
    pub(super) metrics: BTreeMap<String, MetricEntry>,
    #[serde(default)]
    pub(super) series: BTreeMap<String, String>,
    /// Results that only AWS could compute, by alarm and id.
    #[serde(default)]
    pub(super) given: BTreeMap<String, BTreeMap<String, String>>,
    /// Anomaly detection bands, by alarm.
    #[serde(default)]
    pub(super) band: BTreeMap<String, Band>,
    #[serde(default)]
    pub(super) states: BTreeMap<String, BTreeMap<String, State>>,
    #[serde(default)]
    pub(super) expect: Vec<ExpectEntry>,
    pub(super) fired: Option<Vec<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Readings {
    All,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Band {
    pub(super) low: String,
    pub(super) high: String,
}

impl Entry {
    /// With every text of it changed.
    pub(super) fn map(&self, text: &dyn Fn(&str) -> String) -> Self {
        let texts = |map: &BTreeMap<String, String>| map.iter().map(|(key, value)| (text(key), text(value))).collect();
        let metric = |entry: &MetricEntry| MetricEntry {
            namespace: entry.namespace.as_deref().map(text),
            metric: entry.metric.as_deref().map(text),
            dimensions: texts(&entry.dimensions),
            alarm: entry.alarm.as_deref().map(text),
            id: entry.id.as_deref().map(text),
            unit: entry.unit.clone(),
        };
        let expect = |entry: &ExpectEntry| ExpectEntry {
            at: text(&entry.at),
            states: entry
                .states
                .iter()
                .map(|(name, state)| {
                    let state = match state {
                        ExpectState::One(state) => ExpectState::One(*state),
                        ExpectState::Many(many) => {
                            ExpectState::Many(many.iter().map(|(name, state)| (text(name), *state)).collect())
                        }
                    };
                    (text(name), state)
                })
                .collect(),
        };
        Entry {
            name: text(&self.name),
            for_each: None,
            start: self.start.clone(),
            step: text(&self.step),
            delay: self.delay.clone(),
            dynamodb: self.dynamodb.clone(),
            readings: self.readings.clone(),
            depends_on: self.depends_on.clone(),
            metrics: self.metrics.iter().map(|(alias, entry)| (alias.clone(), metric(entry))).collect(),
            series: self.series.iter().map(|(alias, series)| (alias.clone(), text(series))).collect(),
            given: self.given.iter().map(|(alarm, ids)| (text(alarm), texts(ids))).collect(),
            band: self
                .band
                .iter()
                .map(|(alarm, band)| (text(alarm), Band { low: text(&band.low), high: text(&band.high) }))
                .collect(),
            states: self.states.iter().map(|(alarm, moments)| (text(alarm), moments.clone())).collect(),
            expect: self.expect.iter().map(expect).collect(),
            fired: self.fired.as_ref().map(|fired| fired.iter().map(|line| text(line)).collect()),
        }
    }
}

fn one_minute() -> String {
    "1m".to_owned()
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct ExpectEntry {
    pub(super) at: String,
    #[serde(flatten)]
    pub(super) states: BTreeMap<String, ExpectState>,
}

/// A state by an alarm's name, or `states:` with a map of them, for alarms with names such as `at`.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum ExpectState {
    One(State),
    Many(BTreeMap<String, State>),
}
