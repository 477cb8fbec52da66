//! What `stats` makes of a group.

use std::{collections::HashSet, sync::Arc};

use super::Row;
use crate::{
    event::Window,
    query::ast::{Aggregate, AggregateFunction, Expr},
    value::{Value, natural},
};

/// A column of `stats`: its aggregations are over `members`, its fields are the results that `row` has already.
pub(super) fn column(expr: &Expr, members: &[&Row], row: &Row, window: Window) -> Value {
    row.eval_with(expr, window, &|aggregate| apply(aggregate, members, window))
}

#[expect(clippy::cast_precision_loss, reason = "no query sees 2^53 events")]
fn apply(aggregate: &Aggregate, members: &[&Row], window: Window) -> Value {
    let Some(argument) = &aggregate.argument else { return Value::Number(members.len() as f64) };
    let values = || members.iter().map(|row| (row.eval(argument, window), *row)).filter(|(value, _)| !value.is_null());
    let texts = || values().filter_map(|(value, _)| value.shown());
    let numbers = || values().filter_map(|(value, _)| value.number());
    match aggregate.function {
        AggregateFunction::Count => Value::Number(values().count() as f64),
        AggregateFunction::CountDistinct => Value::Number(texts().collect::<HashSet<_>>().len() as f64),
        AggregateFunction::Sum => of(numbers().reduce(|a, b| a + b)),
        AggregateFunction::Avg => of(mean(&numbers().collect::<Vec<_>>())),
        AggregateFunction::Min => extreme(values().map(|(value, _)| value), false),
        AggregateFunction::Max => extreme(values().map(|(value, _)| value), true),
        AggregateFunction::Percentile(percent) => of(percentile(numbers().collect(), percent)),
        AggregateFunction::Stddev => of(variance(&numbers().collect::<Vec<_>>()).map(f64::sqrt)),
        AggregateFunction::Variance => of(variance(&numbers().collect::<Vec<_>>())),
        AggregateFunction::Earliest => first(values().min_by_key(|(_, row)| (row.at, row.sequence))),
        AggregateFunction::Latest => first(values().max_by_key(|(_, row)| (row.at, row.sequence))),
        AggregateFunction::SortsFirst => values().map(|(value, _)| value).min_by(natural).unwrap_or(Value::Null),
        AggregateFunction::SortsLast => values().map(|(value, _)| value).max_by(natural).unwrap_or(Value::Null),
        AggregateFunction::Values => {
            let mut seen = HashSet::new();
            // Oldest first, as they came.
            let mut distinct: Vec<_> = texts().collect();
            distinct.reverse();
            distinct.retain(|text| seen.insert(text.clone()));
            Value::Structure(Arc::new(distinct.into()))
        }
    }
}

fn of(number: Option<f64>) -> Value {
    number.filter(|number| number.is_finite()).map_or(Value::Null, Value::Number)
}

fn first(found: Option<(Value, &Row)>) -> Value {
    found.map_or(Value::Null, |(value, _)| value)
}

/// The largest or smallest: of numbers and moments if there are any, else of text.
fn extreme(values: impl Iterator<Item = Value>, largest: bool) -> Value {
    let values: Vec<_> = values.collect();
    let numbers = values.iter().filter(|value| value.number().is_some()).cloned();
    let candidates: Vec<_> = numbers.collect();
    let candidates = if candidates.is_empty() { values } else { candidates };
    let found = if largest { candidates.into_iter().max_by(natural) } else { candidates.into_iter().min_by(natural) };
    found.unwrap_or(Value::Null)
}

#[expect(clippy::cast_precision_loss, reason = "no query sees 2^53 events")]
fn mean(numbers: &[f64]) -> Option<f64> {
    (!numbers.is_empty()).then(|| numbers.iter().sum::<f64>() / numbers.len() as f64)
}

/// Of the population, as AWS's page says of `variance`.
fn variance(numbers: &[f64]) -> Option<f64> {
    let mean = mean(numbers)?;
    self::mean(&numbers.iter().map(|number| (number - mean).powi(2)).collect::<Vec<_>>())
}

/// The smallest value that so many percent of all are not above.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place within the numbers"
)]
fn percentile(mut numbers: Vec<f64>, percent: f64) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let rank = (percent / 100.0 * numbers.len() as f64).ceil() as usize;
    numbers.get(rank.saturating_sub(1)).copied()
}
