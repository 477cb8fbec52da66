use metrique::{CloseValue, InflectableEntry};

use super::{
    InvocationMetrics, QUEUE_WAIT,
    describing::describing,
    distribution::Point,
    emf::{Emf, EmfError},
    entry, step_metric,
};
use crate::json::Object;

/// A metric as it reaches CloudWatch: what an alarm may name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct MetricSpec {
    /// The metric's name.
    pub name: String,
    /// CloudWatch's name of its unit.
    pub unit: String,
    /// Every set of dimensions it is published under.
    pub dimension_sets: Vec<Vec<String>>,
}

impl MetricSpec {
    /// The metric as JSON: `{"name":..,"unit":..,"dimension_sets":[[..]]}`.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({"name": self.name, "unit": self.unit, "dimension_sets": self.dimension_sets})
    }
}

/// What a record of this struct emits. It is written by the code that writes the real ones and read back, so the two cannot differ.
///
/// # Errors
/// [`EmfError`] if no such record could be emitted: too many metrics, a dimension without a field, a name that is a line's own.
pub fn describe<M>(metrics: M) -> Result<Vec<MetricSpec>, EmfError>
where
    M: CloseValue,
    M::Closed: InflectableEntry + Send + 'static,
{
    let entry = entry(metrics);
    let mut emf = Emf::default();
    describing(|| emf.entry(&entry))?;
    specs(&emf)
}

/// What this crate emits for steps of these names: a duration each, named after the step (`dead-letter` is `DeadLetterDuration`).
/// The outermost are called `handler` and, for each record of a batch, `record`.
///
/// # Errors
/// [`EmfError`] if a name can't be a metric's.
pub fn describe_steps(names: &[&'static str]) -> Result<Vec<MetricSpec>, EmfError> {
    durations(names.iter().map(|name| step_metric(name)))
}

/// What this crate emits for the records of a batch, beside their steps: `QueueWait`.
///
/// # Errors
/// As [`describe`].
pub fn describe_records() -> Result<Vec<MetricSpec>, EmfError> {
    durations([QUEUE_WAIT.to_owned()])
}

fn durations(names: impl IntoIterator<Item = String>) -> Result<Vec<MetricSpec>, EmfError> {
    let mut emf = Emf::default();
    for name in names {
        emf.durations(name, &[Point { value: 0.0, count: 1 }], true)?;
    }
    specs(&emf)
}

/// What this crate emits by itself.
///
/// # Errors
/// As [`describe`].
pub fn own() -> Result<Vec<MetricSpec>, EmfError> {
    describe(InvocationMetrics::default())
}

fn specs(emf: &Emf<'_>) -> Result<Vec<MetricSpec>, EmfError> {
    let mut record = String::new();
    let mut object = Object::open(&mut record);
    emf.write("namespace", 0, &mut object);
    object.close();
    let record: serde_json::Value =
        serde_json::from_str(&record).map_err(|error| EmfError::Entry(error.to_string()))?;
    let text = |value: &serde_json::Value, default: &str| value.as_str().unwrap_or(default).to_owned();
    let list = |value: &serde_json::Value| value.as_array().cloned().unwrap_or_default();
    Ok(list(&record["_aws"]["CloudWatchMetrics"])
        .iter()
        .flat_map(|directive| {
            let dimension_sets: Vec<Vec<String>> = list(&directive["Dimensions"])
                .iter()
                .map(|set| list(set).iter().map(|name| text(name, "")).collect())
                .collect();
            list(&directive["Metrics"])
                .iter()
                .map(|metric| MetricSpec {
                    name: text(&metric["Name"], ""),
                    unit: text(&metric["Unit"], "None"),
                    dimension_sets: dimension_sets.clone(),
                })
                .collect::<Vec<_>>()
        })
        .collect())
}
