use metrique::writer::Entry;
use metrique::{CloseValue, InflectableEntry};

use super::distribution::describing;
use super::emf::{EmfError, EmfWriter, Properties};
use super::{InvocationMetrics, Millis, StepMetrics, entry};

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
/// [`EmfError`] if no such record could be emitted: too many metrics, a dimension without a field.
pub fn describe<M>(metrics: M) -> Result<Vec<MetricSpec>, EmfError>
where
    M: CloseValue,
    M::Closed: InflectableEntry + Send + 'static,
{
    specs(&entry(metrics))
}

/// What this crate emits by itself.
///
/// # Errors
/// As [`describe`].
pub fn own() -> Result<Vec<MetricSpec>, EmfError> {
    let mut all = describe(InvocationMetrics { cold_start: Some(1), telemetry_dropped: 0 })?;
    all.extend(describe(StepMetrics { step: "step", step_duration: Millis::default() })?);
    Ok(all)
}

fn specs(entry: &impl Entry) -> Result<Vec<MetricSpec>, EmfError> {
    let mut record = String::new();
    describing(|| {
        EmfWriter::new("namespace", "service", "environment").write(entry, &Properties::default(), &mut record)
    })?;
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
