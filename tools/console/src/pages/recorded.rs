//! What a metric alarm looks at: its metrics over a time, its window, and what another threshold would have done.

use std::collections::BTreeMap;

use alarms::{
    Catalogue,
    catalogue::Alarm as Known,
    evaluate::Options,
    model::{MetricAlarm as Model, Source},
};
use alarms_cli::{
    backtest::{Backtest, Recording, backtest},
    sources,
};
use anyhow::{Context as _, Result};
use aws_sdk_cloudwatch::{
    Client,
    primitives::DateTime,
    types::{Metric, MetricAlarm, MetricDataQuery, MetricStat, ScanBy},
};
use orders::Environment;
use suite::{Names, Suite};
use views::{Judgement, Point, Range, Slot};

/// Of one alarm over a time.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
    /// What is compared with the threshold.
    pub(crate) label: String,
    pub(crate) points: Vec<Point>,
    pub(crate) period: i64,
    /// Each of its metrics by its id.
    pub(crate) parts: BTreeMap<String, Vec<Point>>,
}

/// The alarm's metrics, in the form that has all kinds of alarms.
fn queries(alarm: &MetricAlarm) -> Vec<MetricDataQuery> {
    if !alarm.metrics().is_empty() {
        return alarm.metrics().to_vec();
    }
    let stat = alarm.statistic().map(|stat| stat.as_str()).or(alarm.extended_statistic()).unwrap_or("Average");
    let metric = Metric::builder()
        .set_namespace(alarm.namespace().map(str::to_owned))
        .set_metric_name(alarm.metric_name().map(str::to_owned))
        .set_dimensions(Some(alarm.dimensions().to_vec()))
        .build();
    let stat = MetricStat::builder().metric(metric).period(alarm.period().unwrap_or(60)).stat(stat).build();
    vec![MetricDataQuery::builder().id("m1").metric_stat(stat).build()]
}

/// Seconds of a period.
pub(crate) fn period(alarm: &MetricAlarm) -> i64 {
    let own = queries(alarm).iter().filter_map(|query| query.metric_stat.as_ref()?.period).max();
    i64::from(own.or(alarm.period()).unwrap_or(60))
}

pub(crate) async fn read(environment: &Environment, alarm: &MetricAlarm, range: Range) -> Result<Recorded> {
    let mut queries = queries(alarm);
    let returned = queries
        .iter()
        .find(|query| query.return_data != Some(false))
        .or(queries.last())
        .and_then(|query| Some((query.id.clone()?, query.label.clone())));
    for query in &mut queries {
        query.return_data = Some(true);
    }
    let metrics: Vec<String> =
        queries.iter().filter(|query| query.metric_stat.is_some()).filter_map(|query| query.id.clone()).collect();
    let mut pages = Client::new(&environment.sdk)
        .get_metric_data()
        .set_metric_data_queries(Some(queries))
        .start_time(DateTime::from_secs(range.start))
        .end_time(DateTime::from_secs(range.end))
        .scan_by(ScanBy::TimestampAscending)
        .into_paginator()
        .send();
    let mut all: BTreeMap<String, Vec<Point>> = BTreeMap::new();
    while let Some(page) = pages.next().await {
        for result in page.context("can't read the alarm's metrics")?.metric_data_results.unwrap_or_default() {
            let points = result.timestamps().iter().zip(result.values()).map(|(at, value)| Point(at.secs(), *value));
            all.entry(result.id().unwrap_or_default().to_owned()).or_default().extend(points);
        }
    }
    for line in all.values_mut() {
        line.sort_by_key(|point| point.0);
    }
    let (id, label) = returned.unwrap_or_default();
    let name = || alarm.metric_name().map_or_else(|| id.clone(), str::to_owned);
    let points = all.get(&id).cloned().unwrap_or_default();
    all.retain(|id, _| metrics.contains(id));
    Ok(Recorded { label: label.unwrap_or_else(name), points, period: period(alarm), parts: all })
}

/// Is that value over the alarm's threshold?
pub(crate) fn breaches(alarm: &MetricAlarm, value: f64) -> bool {
    let threshold = alarm.threshold().unwrap_or_default();
    match alarm.comparison_operator().map(|operator| operator.as_str()) {
        Some("GreaterThanThreshold") => value > threshold,
        Some("LessThanThreshold") => value < threshold,
        Some("LessThanOrEqualToThreshold") => value <= threshold,
        _ => value >= threshold,
    }
}

/// The periods that the last evaluation looked at, oldest first.
pub(crate) fn window(alarm: &MetricAlarm, recorded: &Recorded, now: i64) -> Vec<Slot> {
    let (period, count) = (recorded.period, i64::from(alarm.evaluation_periods().unwrap_or(1)));
    let end = now.div_euclid(60) * 60;
    let slot = |back: i64| {
        let at = end - (back + 1) * period;
        // A period's point has its start; one over a sliding window begins at any minute.
        let value = recorded.points.iter().find(|point| (at..at + period).contains(&point.0)).map(|point| point.1);
        let judgement = match (value, alarm.treat_missing_data()) {
            (Some(value), _) if breaches(alarm, value) => Judgement::Breaching,
            (Some(_), _) => Judgement::Well,
            (None, Some("breaching")) => Judgement::FilledBreaching,
            (None, Some("notBreaching")) => Judgement::FilledWell,
            (None, _) => Judgement::Missing,
        };
        Slot { at, value, judgement }
    };
    (0..count).rev().map(slot).collect()
}

/// The environment's names.
pub(crate) fn names(environment: &Environment) -> Result<Names> {
    let prefix = environment.prefix()?;
    let project = prefix.strip_suffix(environment.name()).unwrap_or(&prefix).trim_end_matches('-').to_owned();
    let region = environment.sdk.region().map(ToString::to_string).unwrap_or_default();
    Ok(Names::new(project, environment.name(), region))
}

/// The project's catalogue, under an environment's names.
pub(crate) fn catalogue(suite: &Suite, names: &Names) -> Result<Catalogue> {
    let text = names.placeholders().fill(&suite.alarms()?)?;
    sources::catalogue::read(&text, Some(&names.prefix())).context("can't read terraform/alarms.yaml")
}

/// The alarm in the project's catalogue, whose evaluator can replay it; `None` for somebody else's.
pub(crate) fn model(environment: &Environment, name: &str) -> Result<Option<Model>> {
    let Ok(suite) = Suite::read(environment.project()) else { return Ok(None) };
    Ok(match catalogue(&suite, &names(environment)?)?.find(name) {
        Some(Known::Metric(alarm)) => Some(alarm.clone()),
        _ => None,
    })
}

/// Why a recording can't be replayed, if it can't: of a metric that is asked twice only one value a period is known.
pub(crate) fn not_replayable(model: &Model, recorded: &Recorded) -> Option<String> {
    let mut metrics = Vec::new();
    for query in &model.spec.queries {
        let Source::Metric { metric, stat, .. } = &query.source else { continue };
        if metrics.contains(&metric) {
            return Some(format!("it asks {metric} for two statistics, and a recording has one value a period"));
        }
        if format!("{stat}") == "SampleCount" {
            return Some("it counts samples, which a recording does not have".to_owned());
        }
        metrics.push(metric);
    }
    recorded.parts.values().all(Vec::is_empty).then(|| "there is no datapoint in this time".to_owned())
}

pub(crate) fn recording(recorded: &Recorded) -> Recording {
    let points = |line: &Vec<Point>| line.iter().map(|point| (point.0, point.1)).collect();
    Recording(recorded.parts.iter().map(|(id, line)| (id.clone(), points(line))).collect())
}

pub(crate) fn tried(model: &Model, threshold: f64, recorded: &Recorded) -> Result<Backtest> {
    Ok(backtest(model, threshold, &recording(recorded), &Options::default())?)
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudwatch::types::ComparisonOperator;

    use super::*;

    fn alarm(missing: &str) -> MetricAlarm {
        MetricAlarm::builder()
            .threshold(5.0)
            .comparison_operator(ComparisonOperator::GreaterThanThreshold)
            .evaluation_periods(3)
            .period(60)
            .treat_missing_data(missing)
            .build()
    }

    #[test]
    fn each_period_of_the_window_is_judged_as_the_alarm_does() {
        let recorded = Recorded { points: vec![Point(600, 9.0), Point(720, 5.0)], period: 60, ..Recorded::default() };
        let judged = |missing: &str| {
            window(&alarm(missing), &recorded, 790).iter().map(|slot| slot.judgement).collect::<Vec<_>>()
        };
        assert_eq!(judged("missing"), [Judgement::Breaching, Judgement::Missing, Judgement::Well]);
        assert_eq!(judged("breaching")[1], Judgement::FilledBreaching);
        assert_eq!(judged("notBreaching")[1], Judgement::FilledWell);
    }
}
