use aws_wire::{ApiError, Flexible, Moment, Output, read};
use serde::Deserialize;
use serde_json::Value;

use super::{
    dimension::{self, Dimension},
    error::{combination, invalid, limit, missing},
};
use crate::{
    metric::{EpochSeconds, MetricKey},
    sample::Sample,
    store::{Datapoint, Recorder, Store},
    unit::{NO_UNIT, is_unit},
};

const MAX_DATA: usize = 1000;
const MAX_VALUES: usize = 150;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    namespace: String,
    #[serde(default)]
    metric_data: Vec<Datum>,
    #[serde(default)]
    entity_metric_data: Vec<EntityData>,
}

/// The entity links a metric to a resource in the console; its data are data.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EntityData {
    #[serde(default)]
    metric_data: Vec<Datum>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Datum {
    metric_name: String,
    #[serde(default)]
    dimensions: Vec<Dimension>,
    timestamp: Option<Moment>,
    value: Option<Flexible>,
    statistic_values: Option<Statistics>,
    #[serde(default)]
    values: Vec<Flexible>,
    #[serde(default)]
    counts: Vec<Flexible>,
    unit: Option<String>,
    storage_resolution: Option<Flexible>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Statistics {
    sample_count: Flexible,
    sum: Flexible,
    minimum: Flexible,
    maximum: Flexible,
}

/// One impossible datum refuses the whole call; only a store that is full takes a part of it.
pub(super) fn run(recorder: &mut impl Recorder, value: &Value, now: EpochSeconds) -> Result<Output, ApiError> {
    let input: Input = read(value)?;
    let namespace = &input.namespace;
    if !(1..=255).contains(&namespace.len()) || namespace.starts_with(':') || namespace.starts_with("AWS/") {
        return Err(invalid(format!("The value {namespace} for parameter Namespace is invalid.")));
    }
    let data: Vec<_> = input
        .metric_data
        .into_iter()
        .chain(input.entity_metric_data.into_iter().flat_map(|data| data.metric_data))
        .collect();
    if data.is_empty() {
        return Err(missing("The parameter MetricData is required."));
    }
    if data.len() > MAX_DATA {
        return Err(invalid(format!("The collection MetricData must not have a size greater than {MAX_DATA}.")));
    }
    let points = data.into_iter().map(|datum| point(namespace, datum, now)).collect::<Result<Vec<_>, _>>()?;
    for point in &points {
        recorder.record(point, now).map_err(|refused| limit(refused.to_string()))?;
    }
    Ok(Output::empty())
}

fn point(namespace: &str, datum: Datum, now: EpochSeconds) -> Result<Datapoint, ApiError> {
    if !(1..=255).contains(&datum.metric_name.len()) {
        return Err(invalid("a MetricName has 1 to 255 characters"));
    }
    let unit = datum.unit.as_deref().unwrap_or(NO_UNIT);
    if !is_unit(unit) {
        return Err(invalid(format!("The value {unit} for parameter Unit is invalid.")));
    }
    let resolution = match datum.storage_resolution.map(|resolution| resolution.0) {
        None => 60,
        Some(60.0) => 60,
        Some(1.0) => 1,
        Some(_) => return Err(invalid("StorageResolution is 1 or 60")),
    };
    let sample = match (datum.value, datum.statistic_values, datum.values.as_slice()) {
        (Some(value), None, []) => Sample::value(value.0),
        (None, Some(set), []) => Sample::statistics(set.sample_count.0, set.sum.0, set.minimum.0, set.maximum.0),
        (None, None, values @ [_, ..]) => {
            if values.len() > MAX_VALUES || !(datum.counts.is_empty() || datum.counts.len() == values.len()) {
                return Err(invalid(format!("up to {MAX_VALUES} Values, with as many Counts or none")));
            }
            let count = |index: usize| datum.counts.get(index).map_or(1.0, |count| count.0);
            let pairs: Vec<_> = values.iter().enumerate().map(|(index, value)| (value.0, count(index))).collect();
            Sample::values(&pairs)
        }
        _ => {
            return Err(combination("exactly one of Value, Values and StatisticValues must be there"));
        }
    };
    let sample = sample.map_err(|error| invalid(format!("{}: {error}", datum.metric_name)))?;
    #[expect(clippy::cast_possible_truncation, reason = "what is out of range saturates, and is refused as too new")]
    let at = datum.timestamp.map_or(now, |moment| moment.0.floor() as EpochSeconds);
    Store::check(at, now).map_err(|refused| invalid(format!("The parameter Timestamp: {refused}")))?;
    let key = MetricKey {
        namespace: namespace.to_owned(),
        name: datum.metric_name,
        dimensions: dimension::set(datum.dimensions)?,
    };
    Ok(Datapoint { key, unit: unit.to_owned(), at, resolution, sample })
}
