//! A scenario file to scenarios.

use std::collections::BTreeMap;

use alarms::{
    evaluate::{DynamoDbReading, Options},
    model::{MetricKey, State},
};
use cloudwatch::is_unit;
use serde_norway::Value;

use super::{
    Expectation, Location, Scenario, Series, Watched,
    expand::expand,
    form::{Entry, ExpectState, Form, MetricEntry},
    notation::parse_series,
};
use crate::sources::Group;

/// Why a scenario file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// Not YAML, or not of this form.
    #[error("{0}")]
    Yaml(#[from] serde_norway::Error),
    /// Something in a scenario makes no sense.
    #[error("line {line}: scenario `{scenario}`: {reason}")]
    Scenario {
        /// Its name.
        scenario: String,
        /// Counted from 1.
        line: usize,
        /// Why.
        reason: String,
    },
}

/// A scenario file, read but not yet held to alarms.
#[derive(Debug)]
pub struct File {
    name: String,
    metrics: BTreeMap<String, MetricEntry>,
    /// Each with its line.
    entries: Vec<(usize, Entry)>,
}

/// Reads the scenarios of a file without templates; its placeholders are filled, or stand for themselves.
///
/// # Errors
/// When it is no YAML, not of this form, or something in a scenario makes no sense.
pub fn read(text: &str) -> Result<Vec<Scenario>, ScenarioError> {
    File::parse("", text)?.scenarios(&Group::default())
}

impl File {
    /// Reads a file, `name` for reports.
    ///
    /// # Errors
    /// When it is no YAML, or not of this form.
    pub fn parse(name: &str, text: &str) -> Result<Self, ScenarioError> {
        // A map silently keeps the last of two equal keys; the untyped form refuses them.
        serde_norway::from_str::<Value>(text)?;
        let form: Form = serde_norway::from_str(text)?;
        let lines = lines(text);
        let entries = form.scenarios.into_iter().enumerate();
        let entries = entries.map(|(at, entry)| (lines.get(at).copied().unwrap_or(1), entry)).collect();
        Ok(File { name: name.to_owned(), metrics: form.metrics, entries })
    }

    /// Its scenarios over some alarms: templates become one for each alarm that matches.
    ///
    /// # Errors
    /// When something in a scenario makes no sense.
    pub fn scenarios(&self, group: &Group) -> Result<Vec<Scenario>, ScenarioError> {
        let mut scenarios = Vec::new();
        for (line, entry) in &self.entries {
            let entries = match &entry.for_each {
                Some(pattern) => expand(entry, pattern, group),
                None => vec![entry.clone()],
            };
            for entry in entries {
                let name = entry.name.clone();
                let place = Location { file: self.name.clone(), line: *line };
                let scenario = scenario_of(entry, place, &self.metrics);
                scenarios.push(scenario.map_err(|reason| ScenarioError::Scenario {
                    scenario: name,
                    line: *line,
                    reason,
                })?);
            }
        }
        Ok(scenarios)
    }
}

/// The lines on which the items of `scenarios:` begin, in block style; in flow style all are on the line of the key.
fn lines(text: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let mut inside = None;
    for (at, line) in text.lines().enumerate() {
        let depth = line.len() - line.trim_start().len();
        match inside {
            None if line.starts_with("scenarios:") => inside = Some(usize::MAX),
            Some(_) if depth == 0 && !line.is_empty() && !line.starts_with(['-', '#']) => inside = None,
            Some(first) if line.trim_start().starts_with("- ") && (first == usize::MAX || depth == first) => {
                inside = Some(depth);
                found.push(at + 1);
            }
            _ => {}
        }
    }
    found
}

fn scenario_of(entry: Entry, place: Location, metrics: &BTreeMap<String, MetricEntry>) -> Result<Scenario, String> {
    let start = match &entry.start {
        // A Monday: hours, days and weeks begin here.
        None => 1_767_571_200,
        Some(text) => text.parse::<jiff::Timestamp>().map_err(|error| format!("start: {error}"))?.as_second(),
    };
    let step = duration(&entry.step)?;
    if step <= 0 {
        return Err("step must be above zero".into());
    }
    let delay = entry.delay.as_deref().map(duration).transpose()?.unwrap_or(0);
    if !(0..=86_400).contains(&delay) {
        return Err("delay must lie between 0 and a day".into());
    }
    if let Some(point) = entry.depends_on.iter().find(|point| !Options::POINTS.contains(&point.as_str())) {
        return Err(format!("depends_on: `{point}` is none of {}", Options::POINTS.join(", ")));
    }
    let mut series = Vec::new();
    for (alias, text) in entry.series {
        let found = entry.metrics.get(&alias).or_else(|| metrics.get(&alias));
        let found = found.ok_or_else(|| format!("`{alias}` is not among the metrics"))?;
        let of = watched(found).map_err(|reason| format!("metric `{alias}`: {reason}"))?;
        series.push(series_of(alias, of, found.unit.clone(), step, text)?);
    }
    let mut given = Vec::new();
    let bands = entry.band.into_iter().flat_map(|(alarm, band)| {
        [(alarm.clone(), "band_low".to_owned(), band.low), (alarm, "band_high".to_owned(), band.high)]
    });
    let results = entry
        .given
        .into_iter()
        .flat_map(|(alarm, ids)| ids.into_iter().map(move |(id, text)| (alarm.clone(), id, text)));
    for (alarm, id, text) in results.chain(bands) {
        let of = Watched::By { alarm: alarm.clone(), id: Some(id.clone()) };
        given.push((alarm, id.clone(), series_of(id, of, None, step, text)?));
    }
    let mut states = Vec::new();
    for (alarm, moments) in entry.states {
        let mut moments: Vec<(i64, State)> =
            moments.into_iter().map(|(at, state)| Ok((duration(&at)?, state))).collect::<Result<_, String>>()?;
        moments.sort_by_key(|(at, _)| *at);
        states.push((alarm, moments));
    }
    let mut expect = Vec::new();
    for wanted in entry.expect {
        let mut found = Vec::new();
        for (name, state) in wanted.states {
            match state {
                ExpectState::One(state) => found.push((name, state)),
                ExpectState::Many(many) if name == "states" => found.extend(many),
                ExpectState::Many(_) => return Err(format!("`{name}` needs one state")),
            }
        }
        expect.push(Expectation { at: duration(&wanted.at)?, states: found });
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
    Ok(Scenario {
        name: entry.name,
        place,
        start,
        readings,
        every_reading: entry.readings.is_some(),
        depends_on: entry.depends_on,
        delay,
        series,
        given,
        states,
        expect,
        fired: entry.fired,
    })
}

fn watched(entry: &MetricEntry) -> Result<Watched, String> {
    if let Some(unit) = entry.unit.as_deref().filter(|unit| !is_unit(unit)) {
        return Err(format!("`{unit}` is not a unit of CloudWatch's"));
    }
    match (&entry.namespace, &entry.metric, &entry.alarm) {
        (Some(namespace), Some(name), None) if entry.id.is_none() => Ok(Watched::Metric(MetricKey {
            namespace: namespace.clone(),
            name: name.clone(),
            dimensions: entry.dimensions.clone(),
        })),
        (None, None, Some(alarm)) if entry.dimensions.is_empty() => {
            Ok(Watched::By { alarm: alarm.clone(), id: entry.id.clone() })
        }
        _ => Err("it needs namespace and metric, or the alarm that watches it".into()),
    }
}

fn series_of(alias: String, of: Watched, unit: Option<String>, step: i64, text: String) -> Result<Series, String> {
    let points = parse_series(&text).map_err(|error| format!("series `{alias}`: {error}"))?;
    Ok(Series { alias, of, unit, step, text, points })
}

fn duration(text: &str) -> Result<i64, String> {
    // Longer stories would run for days.
    const LONGEST: i64 = 400 * 86_400;
    match cli::time::parse(text) {
        Ok(seconds) if (0..=LONGEST).contains(&seconds) => Ok(seconds),
        Ok(_) => Err(format!("`{text}` is not between 0 and 400 days")),
        Err(error) => Err(error.to_string()),
    }
}
