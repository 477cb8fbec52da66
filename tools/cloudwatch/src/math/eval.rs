//! Running an expression over a grid of periods.

use super::{
    ast::{Aggregate, Expr, Fill, Operator},
    functions::{aggregate, call},
    value::{Grid, Points, Value, empty},
};

pub(super) fn evaluate(expr: &Expr, grid: &Grid<'_>, ids: &[Value]) -> Value {
    match expr {
        Expr::Number(value) => Value::Scalar(Some(*value)),
        Expr::Id { slot, .. } => ids.get(*slot).cloned().unwrap_or(Value::Scalar(None)),
        Expr::Negate(inner) => evaluate(inner, grid, ids).map(|value| -value),
        // Compilation turns METRICS() into an array.
        Expr::Metrics(_) => Value::Array(Vec::new()),
        Expr::Array(items) => Value::Array(
            items
                .iter()
                .flat_map(|item| match evaluate(item, grid, ids) {
                    Value::Series(points) => vec![points],
                    // [METRICS("4xx"), METRICS("5xx")] is one list of series.
                    Value::Array(all) => all,
                    Value::Scalar(_) => vec![empty(grid.len())],
                })
                .collect(),
        ),
        Expr::Binary(operator, left, right) => {
            binary(*operator, evaluate(left, grid, ids), evaluate(right, grid, ids), grid.len())
        }
        Expr::Fill(inner, fill) => {
            let with = match fill {
                Fill::With(with) => Some(evaluate(with, grid, ids)),
                Fill::Repeat | Fill::Linear => None,
            };
            evaluate(inner, grid, ids).map_series(|points| fill_points(points, fill, with.as_ref(), grid))
        }
        Expr::Sort(inner, by, descending, count) => {
            let count = count.as_ref().map(|count| evaluate(count, grid, ids));
            sort(evaluate(inner, grid, ids), *by, *descending, count)
        }
        Expr::Call(function, arguments) => {
            let values = arguments.iter().map(|argument| evaluate(argument, grid, ids));
            call(*function, values.collect(), grid)
        }
    }
}

fn binary(operator: Operator, left: Value, right: Value, len: usize) -> Value {
    match (left, right) {
        (Value::Scalar(left), Value::Scalar(right)) => {
            Value::Scalar(left.zip(right).and_then(|(l, r)| apply(operator, l, r)))
        }
        (Value::Array(all), right) => Value::Array(
            all.into_iter().map(|points| pointwise(operator, &Value::Series(points), &right, len)).collect(),
        ),
        (left, Value::Array(all)) => Value::Array(
            all.into_iter().map(|points| pointwise(operator, &left, &Value::Series(points), len)).collect(),
        ),
        (left, right) => Value::Series(pointwise(operator, &left, &right, len)),
    }
}

fn pointwise(operator: Operator, left: &Value, right: &Value, len: usize) -> Points {
    (0..len)
        .map(|index| {
            let (l, r) = (left.at(index), right.at(index));
            // A missing operand counts as 0, but only where some series has a point: a number is
            // everywhere and makes none.
            let some_series = (l.is_some() && !left.is_scalar()) || (r.is_some() && !right.is_scalar());
            if !some_series {
                return None;
            }
            // A number without a value (1/0) has no meaning to fall back to.
            if (left.is_scalar() && l.is_none()) || (right.is_scalar() && r.is_none()) {
                return None;
            }
            apply(operator, l.unwrap_or(0.0), r.unwrap_or(0.0))
        })
        .collect()
}

fn apply(operator: Operator, left: f64, right: f64) -> Option<f64> {
    let truth = |yes: bool| if yes { 1.0 } else { 0.0 };
    let value = match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide => left / right,
        Operator::Power => left.powf(right),
        Operator::Equal => truth(left == right),
        Operator::NotEqual => truth(left != right),
        Operator::Less => truth(left < right),
        Operator::LessOrEqual => truth(left <= right),
        Operator::Greater => truth(left > right),
        Operator::GreaterOrEqual => truth(left >= right),
        Operator::And => truth(left != 0.0 && right != 0.0),
        Operator::Or => truth(left != 0.0 || right != 0.0),
    };
    value.is_finite().then_some(value)
}

fn fill_points(mut points: Points, fill: &Fill, with: Option<&Value>, grid: &Grid<'_>) -> Points {
    match fill {
        Fill::With(_) => {
            for (index, point) in points.iter_mut().enumerate() {
                *point = point.or_else(|| with.and_then(|with| with.at(index)));
            }
        }
        Fill::Repeat => {
            let mut last = None;
            for point in &mut points {
                *point = point.or(last);
                last = *point;
            }
        }
        Fill::Linear => {
            let known: Vec<(usize, f64)> =
                points.iter().enumerate().filter_map(|(index, point)| Some((index, (*point)?))).collect();
            for pair in known.windows(2) {
                let [(i, from), (j, to)] = pair else { continue };
                let time = |index: usize| grid.slots.get(index).map_or(0.0, |s| s.start as f64);
                let whole = time(*j) - time(*i);
                for (index, point) in points.iter_mut().enumerate().take(*j).skip(i + 1) {
                    let share = (time(index) - time(*i)) / whole;
                    *point = Some(from + (to - from) * share);
                }
            }
        }
    }
    points
}

fn sort(array: Value, by: Aggregate, descending: bool, count: Option<Value>) -> Value {
    let Value::Array(all) = array else {
        return array;
    };
    let mut keyed: Vec<(Option<f64>, Points)> =
        all.into_iter().map(|points| (aggregate(by, points.iter().flatten().copied()), points)).collect();
    keyed.sort_by(|(a, _), (b, _)| match (a, b) {
        (Some(a), Some(b)) if descending => b.total_cmp(a),
        (Some(a), Some(b)) => a.total_cmp(b),
        // A series without data comes last either way.
        (a, b) => b.is_some().cmp(&a.is_some()),
    });
    let count = match count {
        Some(Value::Scalar(Some(count))) if count >= 0.0 => count as usize,
        _ => keyed.len(),
    };
    Value::Array(keyed.into_iter().take(count).map(|(_, points)| points).collect())
}
