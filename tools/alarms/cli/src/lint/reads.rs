//! What an alarm's math reads: each metric once, and no function that AWS advises against in alarms.

use alarms::model::{MetricAlarm, MissingData, Source};
use cloudwatch::math::{Expr, Function, Grid, Points, Slot};

use super::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for alarm in &context.catalogue.metric_alarms {
        twice(alarm, findings);
        discouraged(alarm, findings);
        late(context, alarm, findings);
    }
}

/// Two ids of one metric: one of them was probably meant to read another.
fn twice(alarm: &MetricAlarm, findings: &mut Findings) {
    let mut seen: Vec<(&str, String)> = Vec::new();
    for query in &alarm.spec.queries {
        let Source::Metric { metric, stat, unit } = &query.source else { continue };
        let reads = format!("{stat} of {metric} {}", unit.as_deref().unwrap_or_default());
        match seen.iter().find(|(_, other)| *other == reads) {
            Some((other, _)) => findings.add(
                "duplicate",
                &alarm.spec.key,
                format!("`{other}` and `{}` both read {}", query.id, reads.trim_end()),
                "one of them was probably meant to read another metric; use one id for both otherwise",
            ),
            None => seen.push((&query.id, reads)),
        }
    }
}

/// Over the whole range a function gives one number, and the range is longer than the evaluation periods.
fn discouraged(alarm: &MetricAlarm, findings: &mut Findings) {
    let series = |expr: &Expr| match expr {
        Expr::Id { slot, .. } => {
            matches!(alarm.spec.queries.get(*slot).map(|query| &query.source), Some(Source::Metric { .. }))
        }
        Expr::Fill(..) | Expr::Binary(..) => true,
        _ => false,
    };
    let mut found: Vec<&str> = Vec::new();
    for index in 0..alarm.spec.queries.len() {
        let Some(expression) = alarm.program().expression(index) else { continue };
        expression.walk(&mut |part| {
            if let Expr::Call(function, arguments) = part {
                let over_range = match function {
                    Function::Of(_) | Function::DatapointCount => arguments.first().is_some_and(series),
                    Function::RunningSum => true,
                    _ => false,
                };
                if over_range && !found.contains(&function.name()) {
                    found.push(function.name());
                }
            }
        });
    }
    for function in found {
        findings.add(
            "discouraged",
            &alarm.spec.key,
            format!(
                "{function} is taken over the whole evaluation range, which is longer than the evaluation periods and not \
                 documented: its value in an alarm is not the one in a graph"
            ),
            "use a statistic, a longer period, or more evaluation periods instead",
        );
    }
}

/// `FILL` gives the newest minute a value before its data have arrived.
fn late(context: &Context<'_>, alarm: &MetricAlarm, findings: &mut Findings) {
    let spec = &alarm.spec;
    // Data of AWS's services arrive within two or three minutes.
    let soon = 180 / spec.period.max(1);
    if alarm.direct_statistic().is_some() || i64::from(spec.datapoints_to_alarm) > soon {
        return;
    }
    let fills = (0..spec.queries.len()).filter_map(|index| alarm.program().expression(index)).any(|expression| {
        let mut found = false;
        expression.walk(&mut |part| found |= matches!(part, Expr::Fill(..)));
        found
    });
    if !fills || spec.missing_data == Some(MissingData::Breaching) {
        return;
    }
    let slots = [Slot { start: 1_767_571_200, end: 1_767_571_200 + spec.period }];
    let grid = Grid { slots: &slots, period: spec.period, gaps: context.options.gaps };
    let value = alarm.program().run(&grid, |_| Points::from_elem(None, 1));
    if value.first().copied().flatten().is_some_and(|value| spec.comparison.breaches(value, spec.threshold)) {
        findings.add(
            "late-data",
            &spec.key,
            format!(
                "FILL makes a breaching point of the newest period before its data arrive: {} of {} periods are filled in \
                 every evaluation",
                spec.datapoints_to_alarm, spec.evaluation_periods
            ),
            format!("ask for more than {soon} datapoints, or treat missing data instead of filling it"),
        );
    }
}
