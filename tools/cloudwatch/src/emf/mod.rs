//! The embedded metric format: metrics out of log events.
//!
//! AWS does not say what exactly it drops when part of a record is wrong. Here the smallest part that makes no sense is
//! dropped, and every drop is told.

mod value;

use std::fmt;

use serde_json::{Map, Value};

use crate::{
    metric::MetricKey,
    sample::Sample,
    store::Datapoint,
    unit::{NO_UNIT, is_unit},
};

/// The most of a record's parts.
const MAX_METRICS: usize = 100;
const MAX_DIMENSIONS: usize = 30;
const MAX_NAME: usize = 255;
const MAX_DIMENSION_VALUE: usize = 1024;
/// The most bytes of a log event.
const MAX_BYTES: usize = 1024 * 1024;

/// What came out of a record.
#[derive(Debug, Default, PartialEq)]
pub struct Extraction {
    /// Its metrics. The timestamps are the record's.
    pub datapoints: Vec<Datapoint>,
    /// What was dropped.
    pub problems: Vec<Problem>,
}

/// Something that was dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// As CloudWatch counts it, in the namespace `AWS/Logs`.
    pub kind: ProblemKind,
    /// The part, as a path into the record: `CloudWatchMetrics[0].Metrics[1]`.
    pub part: String,
    /// What is wrong with it.
    pub reason: String,
}

/// The two counts of `AWS/Logs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// `EMFParsingErrors`: no JSON, or not of the format.
    Parsing,
    /// `EMFValidationErrors`: of the format, but with impossible parts.
    Validation,
}

impl ProblemKind {
    /// The name of the metric.
    #[must_use]
    pub fn metric(self) -> &'static str {
        match self {
            Self::Parsing => "EMFParsingErrors",
            Self::Validation => "EMFValidationErrors",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.part, self.reason)
    }
}

/// The metrics in a log event; `None` if it claims to have none.
#[must_use]
pub fn extract(message: &str) -> Option<Extraction> {
    // Most lines are not records, and need not be parsed.
    if !message.trim_start().starts_with('{') || !message.contains("\"_aws\"") {
        return None;
    }
    let mut out = Extraction::default();
    if message.len() > MAX_BYTES {
        out.drop(ProblemKind::Parsing, "record", format!("{} bytes are over the limit of {MAX_BYTES}", message.len()));
        return Some(out);
    }
    let root: Map<String, Value> = match serde_json::from_str(message) {
        Ok(root) => root,
        Err(error) => {
            out.drop(ProblemKind::Parsing, "record", format!("not one JSON object: {error}"));
            return Some(out);
        }
    };
    // Somebody else's `_aws` deep inside an ordinary line.
    let metadata = root.get("_aws")?;
    let Some(metadata) = metadata.as_object() else {
        out.drop(ProblemKind::Parsing, "_aws", "not an object");
        return Some(out);
    };
    let Some(timestamp) = metadata.get("Timestamp").and_then(Value::as_f64).filter(|ms| *ms >= 0.0) else {
        out.drop(ProblemKind::Parsing, "_aws.Timestamp", "no epoch milliseconds");
        return Some(out);
    };
    let Some(directives) = metadata.get("CloudWatchMetrics").and_then(Value::as_array) else {
        out.drop(ProblemKind::Parsing, "_aws.CloudWatchMetrics", "not an array");
        return Some(out);
    };
    #[expect(clippy::cast_possible_truncation, reason = "seconds of any date fit")]
    let at = (timestamp / 1000.0).floor() as i64;
    for (index, directive) in directives.iter().enumerate() {
        out.directive(&root, at, &format!("CloudWatchMetrics[{index}]"), directive);
    }
    Some(out)
}

impl Extraction {
    fn drop(&mut self, kind: ProblemKind, part: &str, reason: impl Into<String>) {
        self.problems.push(Problem { kind, part: part.to_owned(), reason: reason.into() });
    }

    fn invalid(&mut self, part: &str, reason: impl Into<String>) {
        self.drop(ProblemKind::Validation, part, reason);
    }

    fn directive(&mut self, root: &Map<String, Value>, at: i64, part: &str, directive: &Value) {
        let namespace = match directive.get("Namespace").and_then(Value::as_str) {
            Some(name) if (1..=MAX_NAME).contains(&name.len()) && !name.starts_with(':') => name,
            _ => return self.invalid(&format!("{part}.Namespace"), "1 to 255 characters that do not begin with `:`"),
        };
        let sets = match directive.get("Dimensions").and_then(Value::as_array) {
            Some(sets) if !sets.is_empty() => sets,
            _ => return self.invalid(&format!("{part}.Dimensions"), "not an array of at least one dimension set"),
        };
        let metrics = match directive.get("Metrics").and_then(Value::as_array) {
            Some(metrics) if metrics.len() <= MAX_METRICS => metrics,
            _ => return self.invalid(&format!("{part}.Metrics"), format!("not an array of up to {MAX_METRICS}")),
        };
        let mut keys = Vec::new();
        for (index, set) in sets.iter().enumerate() {
            match dimensions(root, set) {
                Ok(dimensions) => keys.push(dimensions),
                Err(reason) => self.invalid(&format!("{part}.Dimensions[{index}]"), reason),
            }
        }
        for (index, metric) in metrics.iter().enumerate() {
            match definition(root, metric) {
                Ok((name, unit, resolution, sample)) => {
                    self.datapoints.extend(keys.iter().map(|dimensions| {
                        let key = MetricKey {
                            namespace: namespace.to_owned(),
                            name: name.to_owned(),
                            dimensions: dimensions.clone(),
                        };
                        Datapoint { key, unit: unit.to_owned(), at, resolution, sample: sample.clone() }
                    }));
                }
                Err(reason) => self.invalid(&format!("{part}.Metrics[{index}]"), reason),
            }
        }
    }
}

fn dimensions(root: &Map<String, Value>, set: &Value) -> Result<std::collections::BTreeMap<String, String>, String> {
    let names = set.as_array().ok_or("not an array of names")?;
    if names.len() > MAX_DIMENSIONS {
        return Err(format!("{} dimensions are over the limit of {MAX_DIMENSIONS}", names.len()));
    }
    names
        .iter()
        .map(|name| {
            let name = name.as_str().filter(|name| (1..=250).contains(&name.len())).ok_or("not a name")?;
            match root.get(name) {
                None => Err(format!("the record has no member {name}")),
                Some(Value::String(value)) if (1..=MAX_DIMENSION_VALUE).contains(&value.len()) => {
                    Ok((name.to_owned(), value.clone()))
                }
                Some(Value::String(_)) => Err(format!("{name} is not 1 to {MAX_DIMENSION_VALUE} characters long")),
                Some(_) => Err(format!("{name} is no string")),
            }
        })
        .collect()
}

type Definition<'r> = (&'r str, &'r str, u32, Sample);

fn definition<'r>(root: &Map<String, Value>, metric: &'r Value) -> Result<Definition<'r>, String> {
    let name = metric.get("Name").and_then(Value::as_str).ok_or("no Name")?;
    if !(1..=MAX_NAME).contains(&name.len()) {
        return Err(format!("a Name of {} characters", name.len()));
    }
    let unit = match metric.get("Unit") {
        None => NO_UNIT,
        Some(unit) => unit.as_str().filter(|unit| is_unit(unit)).ok_or_else(|| format!("{name}: no unit is {unit}"))?,
    };
    let resolution = match metric.get("StorageResolution").map(Value::as_u64) {
        None | Some(Some(60)) => 60,
        Some(Some(1)) => 1,
        Some(_) => return Err(format!("{name}: StorageResolution is neither 1 nor 60")),
    };
    let target = root.get(name).ok_or_else(|| format!("the record has no member {name}"))?;
    let sample = value::sample(target).map_err(|reason| format!("{name}: {reason}"))?;
    Ok((name, unit, resolution, sample))
}

#[cfg(test)]
mod tests;
