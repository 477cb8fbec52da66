//! `orders slo`: what is promised, how much of the error budget is left, and how fast it is spent.
//!
//! Objectives, metrics and thresholds are those of the burn-rate alarms: nothing is said twice.

use std::{collections::BTreeMap, process::ExitCode};

use anyhow::{Context as _, Result, bail};
use aws_sdk_cloudwatch::{
    Client,
    types::{MetricAlarm, MetricDataQuery},
};
use aws_smithy_types::DateTime;
use clap::Args;
use cli::{colour::Paint, exit, output, progress::Waiting, table::Table, time};
use jiff::Timestamp;
use serde::Serialize;

use super::alarms::{self, Alarm};
use crate::environment::Environment;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  orders slo                                     every objective\n  \
    orders --json slo | jq '.[] | .budgetLeft'     for a script\n\nBurn 1 spends the whole budget in 30 days, burn 14.4 in two.\n\
    Exit codes: 0 within budget, 1 a budget is spent or burns fast enough to alarm, 2 the command could not run")]
pub(crate) struct SloArgs {}

/// Of the alarm that watches a burn of 1: its threshold is the budget in percent.
const TREND: &str = "-trend-3d";
const DAYS: i64 = 30;
const HOUR: i64 = 3600;
/// Burn is told over the windows of the alarms.
const WINDOWS: [(&str, i64); 3] = [("1h", HOUR), ("6h", 6 * HOUR), ("3d", 72 * HOUR)];
const FINE: i32 = 300;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Objective {
    name: String,
    /// In percent.
    target: f64,
    days: i64,
    /// Requests or orders in that time.
    events: f64,
    bad: f64,
    /// 1 untouched, 0 spent, negative beyond.
    budget_left: f64,
    /// By window: 1 spends the budget in 30 days.
    burn: BTreeMap<&'static str, f64>,
    /// Burn-rate alarms that fire, and since when.
    alarms: Vec<Firing>,
}

#[derive(Debug, Serialize)]
struct Firing {
    name: String,
    since: Option<String>,
}

pub(crate) async fn run(environment: &Environment, _args: &SloArgs, json: bool) -> Result<ExitCode> {
    let clock = environment.metric_clock().await?;
    let client = Client::new(&environment.sdk);
    let prefix = environment.prefix()?;
    let waiting = Waiting::begin("30 days of metrics");
    let firing = alarms::firing(environment).await?;
    let mut objectives = Vec::new();
    for alarm in trends(&client, &prefix).await? {
        objectives.push(objective(&client, &alarm, &prefix, clock.now.as_second(), &firing).await?);
    }
    drop(waiting);
    if objectives.is_empty() {
        bail!("{prefix} has no alarm whose name ends with {TREND}: `make deploy` makes them");
    }
    if json {
        output::json(&objectives)?;
    } else {
        if let Some(clock) = clock.note(Timestamp::now()) {
            cli::note!("{clock}");
        }
        print(&objectives)?;
    }
    Ok(exit::of(objectives.iter().all(|objective| objective.budget_left > 0.0 && objective.alarms.is_empty())))
}

async fn trends(client: &Client, prefix: &str) -> Result<Vec<MetricAlarm>> {
    let mut pages = client.describe_alarms().alarm_name_prefix(format!("{prefix}-slo-")).into_paginator().send();
    let mut alarms = Vec::new();
    while let Some(page) = pages.next().await {
        alarms.extend(page.context("can't read the alarms")?.metric_alarms.unwrap_or_default());
    }
    alarms.retain(|alarm| alarm.alarm_name().is_some_and(|name| name.ends_with(TREND)));
    Ok(alarms)
}

async fn objective(
    client: &Client,
    alarm: &MetricAlarm,
    prefix: &str,
    now: i64,
    firing: &[Alarm],
) -> Result<Objective> {
    let name = alarm.alarm_name().unwrap_or_default();
    let base = name.strip_suffix(TREND).unwrap_or(name);
    let budget = alarm.threshold.with_context(|| format!("{name} has no threshold"))?;
    let month = parts(client, alarm, now, DAYS * 24 * HOUR, i32::try_from(HOUR)?).await?;
    let recent = parts(client, alarm, now, 6 * HOUR, FINE).await?;
    let share = |parts: &[Part], window: i64| {
        let (bad, events) = sum(parts, now - window);
        if events > 0.0 { bad / events * 100.0 } else { 0.0 }
    };
    let burn = WINDOWS
        .into_iter()
        .map(|(window, seconds)| {
            let parts = if seconds <= 6 * HOUR { &recent } else { &month };
            (window, rounded(share(parts, seconds) / budget))
        })
        .collect();
    let (bad, events) = sum(&month, i64::MIN);
    Ok(Objective {
        name: base.strip_prefix(prefix).unwrap_or(base).trim_start_matches("-slo-").to_owned(),
        target: rounded(100.0 - budget),
        days: DAYS,
        events,
        bad: rounded(bad),
        budget_left: rounded(1.0 - share(&month, DAYS * 24 * HOUR + HOUR) / budget),
        burn,
        alarms: firing
            .iter()
            .filter(|alarm| alarm.name.starts_with(base))
            .map(|alarm| Firing { name: alarm.name.clone(), since: alarm.since.clone() })
            .collect(),
    })
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// One period: how many there were, and how many of them were bad.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Part {
    at: i64,
    bad: f64,
    events: f64,
}

fn sum(parts: &[Part], from: i64) -> (f64, f64) {
    let within = parts.iter().filter(|part| part.at >= from);
    within.fold((0.0, 0.0), |(bad, events), part| (bad + part.bad, events + part.events))
}

/// The alarm's own metrics by periods that can be added up.
async fn parts(client: &Client, alarm: &MetricAlarm, now: i64, window: i64, period: i32) -> Result<Vec<Part>> {
    let name = alarm.alarm_name().unwrap_or_default();
    let mut queries: Vec<MetricDataQuery> = alarm.metrics().to_vec();
    queries.retain(|query| query.metric_stat.is_some());
    for query in &mut queries {
        query.return_data = Some(true);
        if let Some(stat) = &mut query.metric_stat {
            stat.period = Some(period);
        }
    }
    // A percentile rank is the share of the good ones; two sums are the bad ones and all.
    let is_rank = |query: &&MetricDataQuery| {
        query.metric_stat.as_ref().is_some_and(|stat| stat.stat().is_some_and(|stat| stat.starts_with("PR(")))
    };
    let rank = queries.iter().find(is_rank).and_then(|query| query.id.clone());
    let ids: Vec<String> = queries.iter().filter_map(|query| query.id.clone()).collect();
    let step = i64::from(period);
    let end = (now.div_euclid(step) + 1) * step;
    let mut pages = client
        .get_metric_data()
        .set_metric_data_queries(Some(queries))
        .start_time(DateTime::from_secs(end - window - step))
        .end_time(DateTime::from_secs(end))
        .into_paginator()
        .send();
    let mut series: BTreeMap<String, BTreeMap<i64, f64>> = BTreeMap::new();
    while let Some(page) = pages.next().await {
        for result in
            page.with_context(|| format!("can't read the metrics of {name}"))?.metric_data_results.unwrap_or_default()
        {
            let points = result.timestamps().iter().map(DateTime::secs).zip(result.values().iter().copied());
            series.entry(result.id.clone().unwrap_or_default()).or_default().extend(points);
        }
    }
    let [first, second] = &ids[..] else { bail!("{name} does not compare two metrics: its budget can't be told") };
    let empty = BTreeMap::new();
    let of = |id: &String| series.get(id).unwrap_or(&empty);
    let events = of(if rank.as_ref() == Some(second) { first } else { second });
    let other = of(if rank.as_ref() == Some(second) { second } else { first });
    Ok(events
        .iter()
        .map(|(at, events)| {
            let value = other.get(at).copied();
            let bad = match rank {
                Some(_) => value.map_or(0.0, |good| events * (100.0 - good) / 100.0),
                None => value.unwrap_or_default(),
            };
            Part { at: *at, bad, events: *events }
        })
        .collect())
}

fn print(objectives: &[Objective]) -> Result<()> {
    let paint = Paint::stdout();
    let mut table =
        Table::new(["OBJECTIVE", "TARGET", "BUDGET LEFT", "BURN 1h", "6h", "3d", "BAD OF ALL"]).right([2, 3, 4, 5, 6]);
    for objective in objectives {
        let left = format!("{:.1} %", objective.budget_left * 100.0);
        let left = match objective.budget_left {
            left_ if left_ <= 0.0 => paint.bad(&format!("spent: {left}")),
            left_ if left_ < 0.25 => paint.warn(&left),
            _ => paint.good(&left),
        };
        let burn = |window: &str| format!("{:.1}", objective.burn.get(window).copied().unwrap_or_default());
        table.row([
            objective.name.clone(),
            format!("{} % in {}d", objective.target, objective.days),
            left,
            burn("1h"),
            burn("6h"),
            burn("3d"),
            format!("{:.0} of {:.0}", objective.bad, objective.events),
        ]);
    }
    table.print()?;
    for alarm in objectives.iter().flat_map(|objective| &objective.alarms) {
        let since = alarm.since.as_deref().and_then(|since| since.parse().ok());
        let since = since.map(|since: Timestamp| format!(" since {}", time::clock(since, since))).unwrap_or_default();
        output::line(format_args!("{} {}{since}", paint.bad("ALARM"), alarm.name))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_weighs_its_requests_as_they_came() {
        let part = |at, bad, events| Part { at, bad, events };
        let parts = [part(0, 10.0, 10.0), part(3600, 0.0, 90.0), part(7200, 5.0, 100.0)];
        assert_eq!(sum(&parts, i64::MIN), (15.0, 200.0));
        assert_eq!(sum(&parts, 3600), (5.0, 190.0));
        assert_eq!(sum(&[], 0), (0.0, 0.0));
    }
}
