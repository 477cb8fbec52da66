//! Which values of its metrics make an alarm breach, and which do not: found by trying.

use alarms::{
    evaluate::Options,
    model::{MetricAlarm, Source},
};
use cloudwatch::{
    Sample,
    math::{Grid, Points, Slot},
    stats::Statistic,
};

use super::{Point, Sides, needs_many_samples};
use crate::scenario::expand::around;

/// No alarm needs more to be tried.
const MOST_TRIES: usize = 20_000;

pub(super) fn sides(alarm: &MetricAlarm, options: &Options) -> Result<Sides, String> {
    let spec = &alarm.spec;
    let inputs: Vec<usize> =
        if alarm.direct_statistic().is_some() { vec![spec.returned] } else { alarm.program().inputs().to_vec() };
    if inputs.is_empty() {
        return Err("it watches no metric".into());
    }
    let candidates = candidates(alarm);
    let (mut breaching, mut fine) = (None, None);
    let mut tries = 0;
    let mut choice = vec![0; inputs.len()];
    'all: loop {
        tries += 1;
        let values: Vec<Option<f64>> = choice.iter().map(|at| candidates[*at]).collect();
        if let Some(breaches) = breaches(alarm, &inputs, &values, options) {
            // A missing metric says nothing in a story, if there is another way.
            let side = if breaches { &mut breaching } else { &mut fine };
            let missing = values.iter().filter(|value| value.is_none()).count();
            if side.as_ref().is_none_or(|(most, _)| missing < *most) {
                *side = Some((missing, values));
            }
        }
        let done = |side: &Option<(usize, Vec<Option<f64>>)>| side.as_ref().is_some_and(|(missing, _)| *missing == 0);
        if tries >= MOST_TRIES || (done(&breaching) && done(&fine)) {
            break;
        }
        for at in &mut choice {
            *at += 1;
            if *at < candidates.len() {
                continue 'all;
            }
            *at = 0;
        }
        break;
    }
    let (Some((_, breaching)), Some((_, fine))) = (breaching, fine) else {
        return Err("no values were found that make it breach, or that don't: write its scenario by hand".into());
    };
    let points = |values: Vec<Option<f64>>| -> Result<Vec<(usize, Point)>, String> {
        let pairs = inputs.iter().zip(values).filter_map(|(index, value)| Some((*index, value?)));
        pairs.map(|(index, value)| Ok((index, point(alarm, index, value)?))).collect()
    };
    Ok(Sides { breaching: points(breaching)?, fine: points(fine)? })
}

/// Numbers around the threshold and around the numbers in its expressions; the last is none at all.
fn candidates(alarm: &MetricAlarm) -> Vec<Option<f64>> {
    let spec = &alarm.spec;
    let (breaching, fine) = around(spec.comparison, spec.threshold);
    let mut numbers = vec![breaching, fine, 0.0, 1.0, 100.0];
    if alarm.direct_statistic().is_none() {
        for query in 0..spec.queries.len() {
            if let Some(expression) = alarm.program().expression(query) {
                expression.walk(&mut |part| {
                    if let cloudwatch::math::Expr::Number(number) = part {
                        numbers.extend([number * 2.0, number + 1.0, number / 2.0]);
                    }
                });
            }
        }
        numbers.extend([spec.threshold, 10_000.0]);
    }
    let mut all: Vec<Option<f64>> = Vec::new();
    for number in numbers.into_iter().filter(|number| number.is_finite()) {
        let is_rank = matches!(alarm.direct_statistic(), Some(Statistic::SampleCount)) && number < 0.0;
        if !is_rank && !all.contains(&Some(number)) {
            all.push(Some(number));
        }
    }
    all.push(None);
    all
}

/// Whether constant values of the metrics breach; `None` where they give no datapoint.
fn breaches(alarm: &MetricAlarm, inputs: &[usize], values: &[Option<f64>], options: &Options) -> Option<bool> {
    let spec = &alarm.spec;
    let value = match alarm.direct_statistic() {
        Some(_) => values.first().copied().flatten()?,
        None => {
            let slots: Vec<Slot> = (0..4)
                .map(|at| 1_767_571_200 + at * spec.period)
                .map(|start| Slot { start, end: start + spec.period })
                .collect();
            let grid = Grid { slots: &slots, period: spec.period, gaps: options.gaps };
            let input = |index: usize| {
                let value = inputs.iter().position(|input| *input == index).and_then(|at| values[at]);
                slots.iter().map(|_| value).collect::<Points>()
            };
            alarm.program().run(&grid, input).last().copied().flatten()?
        }
    };
    Some(spec.comparison.breaches(value, spec.threshold))
}

/// One datapoint of which the metric's statistic is the value.
fn point(alarm: &MetricAlarm, index: usize, value: f64) -> Result<Point, String> {
    let Source::Metric { stat, .. } = &alarm.spec.queries[index].source else {
        return Err("an expression has no datapoints".into());
    };
    let many = needs_many_samples(alarm);
    let (pairs, text) = match stat {
        Statistic::SampleCount if value >= 1.0 => (vec![(1.0, value.round())], format!("1#{}", value.round())),
        Statistic::SampleCount => {
            return Err("a sample count below one is no datapoint: write its scenario by hand".into());
        }
        Statistic::PercentileRank { above, up_to } => {
            let inside = up_to.or(above.map(|above| above + 1.0)).unwrap_or(1.0);
            let outside = up_to.map_or_else(|| above.unwrap_or(1.0), |up_to| up_to + 1.0);
            let share = value.clamp(0.0, 100.0).round();
            let pairs: Vec<(f64, f64)> =
                [(inside, share), (outside, 100.0 - share)].into_iter().filter(|(_, count)| *count > 0.0).collect();
            let inner: Vec<String> = pairs.iter().map(|(value, count)| format!("{value}#{count}")).collect();
            (pairs, format!("{{{}}}", inner.join(",")))
        }
        _ if many => (vec![(value, 10_000.0)], format!("{value}#10000")),
        _ => (vec![(value, 1.0)], value.to_string()),
    };
    let sample = Sample::values(&pairs).map_err(|error| error.to_string())?;
    Ok(Point { sample, text })
}
