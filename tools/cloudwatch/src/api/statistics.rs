use aws_wire::{ApiError, Flexible, Moment, Output, read};
use serde::Deserialize;
use serde_json::Value;

use super::{
    dimension::{self, Dimension},
    error::{combination, invalid, missing},
    period::{period, rounded},
};
use crate::{
    metric::{EpochSeconds, MetricKey},
    stats::{Statistic, UnknownStatistic},
    store::Store,
};

const MAX_DATAPOINTS: i64 = 1440;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    namespace: String,
    metric_name: String,
    #[serde(default)]
    dimensions: Vec<Dimension>,
    start_time: Moment,
    end_time: Moment,
    period: Flexible,
    #[serde(default)]
    statistics: Vec<String>,
    #[serde(default)]
    extended_statistics: Vec<String>,
    unit: Option<String>,
}

pub(super) fn run(store: &Store, value: &Value, now: EpochSeconds) -> Result<Output, ApiError> {
    let input: Input = read(value)?;
    let period = period(input.period.0)?;
    #[expect(clippy::cast_possible_truncation, reason = "epoch seconds of any date fit")]
    let (start, end) = (rounded(input.start_time.0, now), input.end_time.0.ceil() as EpochSeconds);
    if start >= end {
        return Err(invalid("The parameter StartTime must be less than the parameter EndTime."));
    }
    if (end - start).div_euclid(period) > MAX_DATAPOINTS {
        let text = format!("more than {MAX_DATAPOINTS} datapoints: take a longer Period or a shorter range of time");
        return Err(combination(text));
    }
    let plain = plain(&input.statistics)?;
    let extended = extended(&input.extended_statistics)?;
    if plain.is_empty() && extended.is_empty() {
        return Err(missing("Statistics or ExtendedStatistics must be there"));
    }
    let key = MetricKey {
        namespace: input.namespace,
        name: input.metric_name.clone(),
        dimensions: dimension::set(input.dimensions)?,
    };
    let mut datapoints = Vec::new();
    for unit in store.units(&key).filter(|unit| input.unit.as_deref().is_none_or(|wanted| wanted == *unit)) {
        let mut at = start;
        while at < end {
            let range = (at, (at + period).min(end));
            let of = |statistic: &Statistic| store.statistic(&key, Some(unit), range, statistic);
            let plain: Vec<_> =
                plain.iter().filter_map(|(name, stat)| Some((*name, Output::Number(of(stat)?)))).collect();
            let extended: Vec<_> = extended
                .iter()
                .filter_map(|(name, stat)| Some((name.to_string(), Output::Number(of(stat)?))))
                .collect();
            if of(&Statistic::SampleCount).is_some() {
                let mut members = vec![("Timestamp", Output::Time(at as f64)), ("Unit", unit.into())];
                members.extend(plain);
                if !extended.is_empty() {
                    members.push(("ExtendedStatistics", Output::Dictionary(extended)));
                }
                datapoints.push(Output::Map(members));
            }
            at += period;
        }
    }
    Ok(Output::Map(vec![("Label", Output::Text(input.metric_name)), ("Datapoints", Output::List(datapoints))]))
}

const PLAIN: [&str; 5] = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"];

/// The five plain statistics, by the members that carry them.
fn plain(names: &[String]) -> Result<Vec<(&'static str, Statistic)>, ApiError> {
    names
        .iter()
        .map(|name| {
            let name = PLAIN.iter().find(|plain| *plain == name);
            let name = name.ok_or_else(|| invalid("Statistics takes the five plain ones"))?;
            Ok((*name, statistic(name)?))
        })
        .collect()
}

fn extended(names: &[String]) -> Result<Vec<(&str, Statistic)>, ApiError> {
    names.iter().map(|name| Ok((name.as_str(), statistic(name)?))).collect()
}

fn statistic(name: &str) -> Result<Statistic, ApiError> {
    name.parse().map_err(|error: UnknownStatistic| invalid(error.to_string()))
}
