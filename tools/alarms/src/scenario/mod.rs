//! Scenarios: recorded or made-up series, and the alarm states and actions they must lead to.

mod coverage;
mod notation;
mod run;

pub use coverage::{Untested, untested};
pub use notation::{NotationError, parse_series};
pub use run::{Failure, Outcome, run};

use crate::catalogue::Catalogue;
use crate::evaluate::DynamoDbReading;
use crate::model::{EpochSeconds, MetricKey, State};
use cloudwatch::Sample;
use serde::Deserialize;
use std::collections::BTreeMap;
use suite::{PlaceholderError, Placeholders};

/// One scenario, ready to run.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What it shows.
    pub name: String,
    /// Its moment zero.
    pub start: EpochSeconds,
    /// Which readings of the DynamoDB texts it must hold under.
    pub readings: Vec<DynamoDbReading>,
    /// The data.
    pub series: Vec<Series>,
    /// What must be true when.
    pub expect: Vec<Expectation>,
    /// Every action that must have run, and no other; unchecked when absent.
    pub fired: Option<Vec<String>>,
}

impl Scenario {
    /// What it says of the alarms of a smaller catalogue; nothing, when it is about others alone.
    #[must_use]
    pub fn about(mut self, catalogue: &Catalogue) -> Option<Self> {
        for expectation in &mut self.expect {
            expectation.states.retain(|(alarm, _)| catalogue.find(alarm).is_some());
        }
        self.expect.retain(|expectation| !expectation.states.is_empty());
        if let Some(fired) = &mut self.fired {
            // `3m intake-failing ALARM page`
            fired.retain(|action| action.split(' ').nth(1).is_some_and(|alarm| catalogue.find(alarm).is_some()));
        }
        (!self.expect.is_empty()).then_some(self)
    }
}

/// The data of one metric.
#[derive(Clone, Debug)]
pub struct Series {
    /// Its name in the file.
    pub alias: String,
    /// The metric.
    pub metric: MetricKey,
    /// Seconds between two points.
    pub step: i64,
    /// The notation, for reports.
    pub text: String,
    /// The points; `None` is missing.
    pub points: Vec<Option<Sample>>,
}

/// States at a moment.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// Seconds after the start.
    pub at: i64,
    /// Alarm key or name, and its state.
    pub states: Vec<(String, State)>,
}

/// Why a scenario file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// Not YAML, or not of this form.
    #[error("{0}")]
    Yaml(#[from] serde_norway::Error),
    /// A placeholder that nothing fills.
    #[error("{0}")]
    Placeholder(#[from] PlaceholderError),
    /// Something in a scenario makes no sense.
    #[error("scenario `{scenario}`: {reason}")]
    Scenario {
        /// Its name.
        scenario: String,
        /// Why.
        reason: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    metrics: BTreeMap<String, MetricEntry>,
    scenarios: Vec<Entry>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct MetricEntry {
    namespace: String,
    metric: String,
    #[serde(default)]
    dimensions: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    start: Option<String>,
    #[serde(default = "one_minute")]
    step: String,
    #[serde(default)]
    dynamodb: Vec<String>,
    #[serde(default)]
    series: BTreeMap<String, String>,
    #[serde(default)]
    expect: Vec<ExpectEntry>,
    fired: Option<Vec<String>>,
}

fn one_minute() -> String {
    "1m".to_owned()
}

#[derive(Deserialize)]
struct ExpectEntry {
    at: String,
    #[serde(flatten)]
    states: BTreeMap<String, State>,
}

/// Reads a scenario file; its placeholders are filled like the catalogue's.
pub fn read(text: &str, placeholders: &Placeholders) -> Result<Vec<Scenario>, ScenarioError> {
    let text = placeholders.fill(text)?;
    // A map silently keeps the last of two equal keys; the untyped form refuses them.
    serde_norway::from_str::<serde_norway::Value>(&text)?;
    let file: File = serde_norway::from_str(&text)?;
    file.scenarios
        .into_iter()
        .map(|entry| {
            let scenario = entry.name.clone();
            scenario_of(entry, &file.metrics).map_err(|reason| ScenarioError::Scenario { scenario, reason })
        })
        .collect()
}

fn scenario_of(entry: Entry, metrics: &BTreeMap<String, MetricEntry>) -> Result<Scenario, String> {
    let start = match &entry.start {
        // A Monday: hours, days and weeks begin here.
        None => 1_767_571_200,
        Some(text) => text.parse::<jiff::Timestamp>().map_err(|error| format!("start: {error}"))?.as_second(),
    };
    let step = duration(&entry.step)?;
    if step <= 0 {
        return Err("step must be above zero".into());
    }
    let mut series = Vec::new();
    for (alias, text) in entry.series {
        let found = metrics.get(&alias).cloned();
        let metric = found.ok_or_else(|| format!("`{alias}` is not among the file's metrics"))?;
        let points = parse_series(&text).map_err(|error| format!("series `{alias}`: {error}"))?;
        let MetricEntry { namespace, metric: name, dimensions } = metric;
        series.push(Series { alias, metric: MetricKey { namespace, name, dimensions }, step, text, points });
    }
    let mut expect = Vec::new();
    for wanted in entry.expect {
        let states = wanted.states.into_iter().collect();
        expect.push(Expectation { at: duration(&wanted.at)?, states });
    }
    expect.sort_by_key(|expectation| expectation.at);
    if expect.is_empty() && entry.fired.is_none() {
        return Err("it expects nothing".into());
    }
    let readings = if entry.dynamodb.is_empty() {
        vec![DynamoDbReading::default()]
    } else {
        let read = |name: &String| {
            let found = DynamoDbReading::BOTH.into_iter().find(|reading| reading.as_str() == name);
            found.ok_or_else(|| format!("dynamodb: `{name}` is neither ignore-by-default nor ignore-always"))
        };
        entry.dynamodb.iter().map(read).collect::<Result<_, _>>()?
    };
    Ok(Scenario { name: entry.name, start, readings, series, expect, fired: entry.fired })
}

fn duration(text: &str) -> Result<i64, String> {
    cli::time::parse(text).map_err(|error| error.to_string())
}
