use super::{
    ast::{Aggregate, Function},
    value::{ClockPoints, Grid, IfGaps, Points, Slot, Value, empty},
};

/// One number of many; `None` of none.
pub(super) fn aggregate(by: Aggregate, values: impl Iterator<Item = f64>) -> Option<f64> {
    let values: Vec<f64> = values.collect();
    if values.is_empty() {
        return None;
    }
    let n = values.len() as f64;
    let sum: f64 = values.iter().sum();
    let result = match by {
        Aggregate::Sum => sum,
        Aggregate::Avg => sum / n,
        Aggregate::Min => values.iter().copied().fold(f64::INFINITY, f64::min),
        Aggregate::Max => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        Aggregate::StdDev => {
            let mean = sum / n;
            (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt()
        }
    };
    result.is_finite().then_some(result)
}

/// Across the series of an array, per timestamp. AVG counts a missing value as 0 (documented).
fn across(by: Aggregate, all: &[Points], len: usize) -> Points {
    (0..len)
        .map(|index| {
            let at = || all.iter().map(move |points| points.get(index).copied().flatten());
            if by == Aggregate::Avg && at().any(|value| value.is_some()) {
                aggregate(by, at().map(|value| value.unwrap_or(0.0)))
            } else {
                aggregate(by, at().flatten())
            }
        })
        .collect()
}

pub(super) fn call(function: Function, mut arguments: Vec<Value>, grid: &Grid<'_>) -> Value {
    let len = grid.len();
    if function == Function::If {
        return conditional(&arguments, len, grid.gaps.if_gaps);
    }
    let rest = arguments.split_off(arguments.len().min(1));
    let Some(first) = arguments.pop() else {
        return Value::Scalar(None);
    };
    match (function, first) {
        (Function::Of(by), Value::Array(all)) => Value::Series(across(by, &all, len)),
        (Function::Of(by), Value::Series(points)) => Value::Scalar(aggregate(by, points.into_iter().flatten())),
        (Function::Abs, value) => value.map(f64::abs),
        (Function::Ceil, value) => value.map(f64::ceil),
        (Function::Floor, value) => value.map(f64::floor),
        (Function::Log, value) => value.map(f64::ln),
        (Function::Log10, value) => value.map(f64::log10),
        (Function::Rate, value) => value.map_series(|p| steps(p, grid, |dv, dt| dv / dt)),
        (Function::Diff, value) => value.map_series(|p| steps(p, grid, |dv, _| dv)),
        (Function::DiffTime, value) => value.map_series(|p| steps(p, grid, |_, dt| dt)),
        (Function::RunningSum, value) => value.map_series(|points| {
            let mut sum = 0.0;
            let add = |value: Option<f64>| {
                value.map(|value| {
                    sum += value;
                    sum
                })
            };
            points.into_iter().map(add).collect()
        }),
        (Function::Period, _) => Value::Scalar(Some(grid.period as f64)),
        (Function::TimeSeries, Value::Scalar(value)) => Value::Series(Points::from_elem(value, len)),
        (Function::MetricCount, Value::Array(all)) => Value::Scalar(Some(all.len() as f64)),
        (Function::DatapointCount, Value::Series(points)) => {
            Value::Scalar(Some(points.iter().flatten().count() as f64))
        }
        (Function::DatapointCount, Value::Array(all)) => {
            let at = |index: usize| all.iter().filter(move |p| p.get(index).is_some_and(Option::is_some));
            Value::Series((0..len).map(|index| Some(at(index).count() as f64)).collect())
        }
        (Function::RemoveEmpty, Value::Array(all)) => {
            let holds = |points: &Points| points.iter().any(Option::is_some);
            Value::Array(all.into_iter().filter(holds).collect())
        }
        (Function::First, Value::Array(all)) => series_or_empty(all.into_iter().next(), len),
        (Function::Last, Value::Array(all)) => series_or_empty(all.into_iter().next_back(), len),
        (Function::Slice, Value::Array(all)) => slice(all, &rest),
        (clock, Value::Series(points)) => clock_part(clock, &points, grid),
        (_, value) => value,
    }
}

fn series_or_empty(points: Option<Points>, len: usize) -> Value {
    Value::Series(points.unwrap_or_else(|| empty(len)))
}

/// From an index on, up to another one if it is given.
fn slice(all: Vec<Points>, bounds: &[Value]) -> Value {
    let index = |position: usize| match bounds.get(position) {
        Some(Value::Scalar(Some(value))) if *value >= 0.0 => Some(*value as usize),
        _ => None,
    };
    let from = index(0).unwrap_or(0);
    let to = if bounds.len() < 2 { usize::MAX } else { index(1).unwrap_or(0) };
    Value::Array(all.into_iter().take(to).skip(from).collect())
}

/// The change from the previous existing point; the first point has none.
fn steps(points: Points, grid: &Grid<'_>, result: impl Fn(f64, f64) -> f64) -> Points {
    let mut previous: Option<(f64, f64)> = None;
    points
        .into_iter()
        .zip(grid.slots)
        .map(|(point, slot)| {
            let (value, time) = (point?, slot.start as f64);
            let change = previous.map(|(before, at)| result(value - before, time - at));
            previous = Some((value, time));
            change.filter(|change| change.is_finite())
        })
        .collect()
}

/// IF per timestamp; see [`IfGaps`] for what a missing branch comes to.
fn conditional(arguments: &[Value], len: usize, gaps: IfGaps) -> Value {
    let absent = Value::Scalar(None);
    let (Some(condition), Some(then)) = (arguments.first(), arguments.get(1)) else {
        return absent;
    };
    let otherwise = arguments.get(2).unwrap_or(&absent);
    let at = |index: usize| {
        let truth = condition.at(index)? != 0.0;
        let zero_beside = |other: &Value| other.at(index).map(|_| 0.0);
        let instead = match (gaps, truth) {
            (_, true) if then.is_scalar() => None,
            (_, false) if otherwise.is_scalar() => None,
            (IfGaps::Text, true) => Some(0.0),
            (IfGaps::Text, false) => None,
            (IfGaps::Vectors, true) => zero_beside(otherwise),
            (IfGaps::Vectors, false) if then.is_scalar() => None,
            (IfGaps::Vectors, false) => zero_beside(then),
        };
        if truth { then.at(index).or(instead) } else { otherwise.at(index).or(instead) }
    };
    if arguments.iter().all(Value::is_scalar) {
        Value::Scalar(at(0))
    } else {
        Value::Series((0..len).map(at).collect())
    }
}

/// MINUTE .. EPOCH of the periods' timestamps, in UTC; see [`ClockPoints`] for where they have one.
fn clock_part(function: Function, points: &Points, grid: &Grid<'_>) -> Value {
    let part = |start: i64| -> Option<f64> {
        let time = jiff::Timestamp::from_second(start).ok()?;
        let utc = time.to_zoned(jiff::tz::TimeZone::UTC);
        Some(match function {
            Function::Minute => f64::from(utc.minute()),
            Function::Hour => f64::from(utc.hour()),
            Function::Day => f64::from(utc.weekday().to_monday_one_offset()),
            Function::Date => f64::from(utc.day()),
            Function::Month => f64::from(utc.month()),
            Function::Year => f64::from(utc.year()),
            Function::Epoch => start as f64,
            _ => return None,
        })
    };
    let is_there = |index: usize| match grid.gaps.clock {
        ClockPoints::Always => true,
        ClockPoints::WhereTheSeriesHasThem => points.get(index).is_some_and(Option::is_some),
    };
    let value = |(index, slot): (usize, &Slot)| is_there(index).then(|| part(slot.start)).flatten();
    Value::Series(grid.slots.iter().enumerate().map(value).collect())
}
