use aws_wire::{ApiError, Flag, Flexible, Moment, Output, read};
use serde::Deserialize;
use serde_json::Value;

use super::{
    dimension::{self, Dimension},
    error::{invalid, validation},
    period::period,
};
use crate::{
    math::{Gaps, Grid, Points, Program, Slot},
    metric::{EpochSeconds, MetricKey},
    query::{Query, Source},
    stats::Statistic,
    store::Store,
};

const MAX_QUERIES: usize = 500;
const MAX_DATAPOINTS: f64 = 100_800.0;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    #[serde(default)]
    metric_data_queries: Vec<DataQuery>,
    start_time: Moment,
    end_time: Moment,
    scan_by: Option<String>,
    max_datapoints: Option<Flexible>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DataQuery {
    id: String,
    metric_stat: Option<MetricStat>,
    expression: Option<String>,
    label: Option<String>,
    return_data: Option<Flag>,
    period: Option<Flexible>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MetricStat {
    metric: Metric,
    period: Flexible,
    stat: String,
    unit: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Metric {
    namespace: String,
    metric_name: String,
    #[serde(default)]
    dimensions: Vec<Dimension>,
}

/// A request, checked.
struct Request {
    queries: Vec<Query>,
    /// Of each query; an expression has that of its metrics.
    periods: Vec<Option<i64>>,
    returned: Vec<usize>,
    start: EpochSeconds,
    end: EpochSeconds,
    limit: f64,
}

pub(super) fn run(store: &Store, value: &Value) -> Result<Output, ApiError> {
    let input: Input = read(value)?;
    let newest_first = match input.scan_by.as_deref() {
        None | Some("TimestampDescending") => true,
        Some("TimestampAscending") => false,
        Some(other) => return Err(invalid(format!("ScanBy {other}"))),
    };
    let request = check(input)?;
    let mut results = Vec::new();
    let mut points = 0.0;
    for index in &request.returned {
        let (slots, values) = series(store, &request, *index)?;
        let mut found: Vec<_> =
            slots.iter().zip(values).filter_map(|(slot, value)| Some((slot.start, value?))).collect();
        if newest_first {
            found.reverse();
        }
        points += found.len() as f64;
        let query = &request.queries[*index];
        results.push(Output::Map(vec![
            ("Id", Output::Text(query.id.clone())),
            ("Label", Output::Text(label(query))),
            ("Timestamps", Output::List(found.iter().map(|(at, _)| Output::Time(*at as f64)).collect())),
            ("Values", Output::List(found.iter().map(|(_, value)| Output::Number(*value)).collect())),
            ("StatusCode", Output::Text("Complete".into())),
        ]));
    }
    if points > request.limit {
        return Err(validation(format!(
            "{points} datapoints are over the limit of {}: take a longer Period or a shorter range of time",
            request.limit
        )));
    }
    Ok(Output::Map(vec![("MetricDataResults", Output::List(results)), ("Messages", Output::List(Vec::new()))]))
}

fn check(input: Input) -> Result<Request, ApiError> {
    if !(1..=MAX_QUERIES).contains(&input.metric_data_queries.len()) {
        return Err(validation(format!("1 to {MAX_QUERIES} MetricDataQueries must be there")));
    }
    #[expect(clippy::cast_possible_truncation, reason = "epoch seconds of any date fit")]
    let (start, end) = (input.start_time.0.floor() as EpochSeconds, input.end_time.0.ceil() as EpochSeconds);
    if start >= end {
        return Err(validation("The parameter StartTime must be less than the parameter EndTime."));
    }
    let limit = input.max_datapoints.map_or(MAX_DATAPOINTS, |limit| limit.0).min(MAX_DATAPOINTS);
    let (mut queries, mut periods, mut returned) = (Vec::new(), Vec::new(), Vec::new());
    for (index, query) in input.metric_data_queries.into_iter().enumerate() {
        let id = &query.id;
        if !id.starts_with(|first: char| first.is_ascii_lowercase())
            || !id.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
        {
            return Err(validation(format!(
                "The value {id} for parameter Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$."
            )));
        }
        if query.return_data.is_none_or(|flag| flag.0) {
            returned.push(index);
        }
        let (source, its_period) = source(query.metric_stat, query.expression, query.period)?;
        periods.push(its_period);
        queries.push(Query { id: query.id, label: query.label, source });
    }
    Ok(Request { queries, periods, returned, start, end, limit })
}

fn source(
    metric: Option<MetricStat>,
    expression: Option<String>,
    its_period: Option<Flexible>,
) -> Result<(Source, Option<i64>), ApiError> {
    match (metric, expression) {
        (Some(metric), None) => {
            let stat: Statistic =
                metric.stat.parse().map_err(|error| validation(format!("The value for parameter Stat: {error}")))?;
            let key = MetricKey {
                namespace: metric.metric.namespace,
                name: metric.metric.metric_name,
                dimensions: dimension::set(metric.metric.dimensions)?,
            };
            Ok((Source::Metric { metric: key, stat, unit: metric.unit }, Some(period(metric.period.0)?)))
        }
        (None, Some(expression)) => {
            Ok((Source::Expression(expression), its_period.map(|seconds| period(seconds.0)).transpose()?))
        }
        _ => Err(validation("a query has either a MetricStat or an Expression")),
    }
}

/// The points of one query.
fn series(store: &Store, request: &Request, index: usize) -> Result<(Vec<Slot>, Points), ApiError> {
    let program = Program::compile(&request.queries, index)
        .map_err(|error| validation(format!("Error in expression '{}': {error}", request.queries[index].id)))?;
    let mut periods: Vec<_> = program.inputs().iter().filter_map(|input| request.periods[*input]).collect();
    periods.dedup();
    let period = match periods.as_slice() {
        [period] => *period,
        // Numbers only, such as TIME_SERIES(5): the query must say.
        [] => request.periods[index].ok_or_else(|| validation("an expression without a metric needs a Period"))?,
        _ => {
            let text = format!(
                "expression '{}': metrics of different periods are not supported here",
                request.queries[index].id
            );
            return Err(validation(text));
        }
    };
    // Data are kept by the minute, so that periods begin on one.
    let step = period.min(60);
    let start = request.start.div_euclid(step) * step;
    if (request.end - start) as f64 / period as f64 > request.limit + 1.0 {
        return Err(validation(format!("more than {} datapoints in a series", request.limit)));
    }
    let slots: Vec<_> = (0..)
        .map(|place| start + place * period)
        .take_while(|at| *at < request.end)
        .map(|at| Slot { start: at, end: (at + period).min(request.end) })
        .collect();
    let points = program.run(&Grid { slots: &slots, period, gaps: Gaps::default() }, |input| {
        match &request.queries[input].source {
            Source::Metric { metric, stat, unit } => slots
                .iter()
                .map(|slot| store.statistic(metric, unit.as_deref(), (slot.start, slot.end), stat))
                .collect(),
            Source::Expression(_) => Points::from_elem(None, slots.len()),
        }
    });
    Ok((slots, points))
}

fn label(query: &Query) -> String {
    match (&query.label, &query.source) {
        (Some(label), _) => label.clone(),
        (None, Source::Metric { metric, .. }) => metric.name.clone(),
        (None, Source::Expression(_)) => query.id.clone(),
    }
}
