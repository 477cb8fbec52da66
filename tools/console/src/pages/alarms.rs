//! `/alarms`: all of them, what fires first, and how they changed over one axis of time.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use aws_sdk_cloudwatch::{
    Client,
    primitives::DateTime,
    types::{AlarmType, HistoryItemType, ScanBy},
};
use jiff::Timestamp;
use maud::{Markup, html};
use orders::{Environment, alarms::Alarm};
use serde::Serialize;
use views::{AlarmState, Lane, Mark, Range, Theme};

use crate::{answer::Shown, app::App, ask::Ask, parts};

#[derive(Debug, Serialize)]
struct Data<'a> {
    alarms: &'a [Alarm],
}

pub(crate) async fn page(app: &App, ask: &Ask) -> Result<Shown> {
    let environment = app.environment().await?;
    let clock = environment.metric_clock().await?;
    let default = if clock.scale >= 10.0 { "6h" } else { "3h" };
    let since = ask.get("since").unwrap_or(default);
    let end = clock.now.as_second();
    let range = Range { start: end - ask.since(default)?.as_secs(), end };
    let (alarms, lanes) =
        tokio::try_join!(orders::alarms::all(&environment), history(&environment, range.start, range.end))?;
    let prefix = format!("{}-", environment.prefix()?);
    let firing = alarms.iter().filter(|alarm| alarm.fires() && alarm.notifies()).count();
    let count = |state: &str| alarms.iter().filter(|alarm| alarm.state == state).count();
    let marks: Vec<Mark> = app.deeds().into_iter().map(|deed| Mark { at: deed.at, says: deed.what }).collect();
    // Those that changed, or are not well; the others are a green line each.
    let (moved, still): (Vec<Lane>, Vec<Lane>) =
        lanes.into_iter().partition(|lane| !lane.changes.is_empty() || lane.first != AlarmState::Ok);
    let all = ask.get("lanes") == Some("all");
    let shown = if all { moved.iter().chain(&still).cloned().collect() } else { moved.clone() };
    let html = html! {
        (parts::live("alarms", "alarm", &html! {
            div.verdict.(if firing > 0 { "bad" } else { "good" }) { span.symbol aria-hidden="true" { (if firing > 0 { "▲" } else { "✓" }) }
                span { (count("ALARM")) " in alarm" @if count("ALARM") > firing { " (" (firing) " of them tell somebody)" } ", " (count("OK")) " OK" @if count("INSUFFICIENT_DATA") > 0 { ", " (count("INSUFFICIENT_DATA")) " without data" } } }
            section.card { div.row.between { h2 { "States over time" } div.row { (parts::ranges(ask, since, &["1h", "3h", "6h", "1d", "7d"])) a href=(ask.with(&[("lanes", if all { None } else { Some("all") })])) { (if all { "Only those that changed" } else { "All" }) } } }
                @if shown.is_empty() { p { (parts::state("OK")) " no alarm has changed its state in this time" } }
                @else { div.scroll.wide { (views::lanes(&shown, &marks, range, 1180, Theme::Auto).inline()) } }
                @if clock.scale != 1.0 { p.quiet { "Times are the stack's clock, which runs " (clock.scale) " times as fast as the wall's." } }
            }
            (table(&alarms, &prefix, clock.now))
        }))
        (parts::command(&app.command("alarms --all")))
    };
    Shown::new("Alarms", html, &Data { alarms: &alarms })
}

fn table(alarms: &[Alarm], prefix: &str, now: Timestamp) -> Markup {
    html! { section.card { div.scroll { table { caption { "All alarms, what fires first" }
        thead { tr { th scope="col" { "State" } th scope="col" { "Alarm" } th scope="col" { "For" } th scope="col" { "Tells" } th scope="col" { "Threshold" } th scope="col" { "Means" } th scope="col" { "Runbook" } } }
        tbody { @for alarm in alarms {
            @let name = alarm.name.strip_prefix(prefix).unwrap_or(&alarm.name);
            tr {
                td { (parts::state(&alarm.state)) }
                td { a href=(format!("/alarms/{}", crate::ask::encoded(name))) { (name) } @if let Some(by) = &alarm.suppressed_by { " " span.quiet { "held back: " (by) } } }
                td { (alarm.lasts(now.as_second()).unwrap_or_default()) }
                td { (tells(alarm)) }
                td { (alarm.threshold.as_deref().unwrap_or(if alarm.children.is_empty() { "" } else { "composite" })) }
                td.wrap { (alarm.summary.trim_end_matches('.')) }
                td { @if let Some(page) = alarm.runbook.as_deref().and_then(page_of) { a href=(format!("/runbooks/{page}")) { (page) } } }
            }
        } }
    } } } }
}

pub(crate) fn tells(alarm: &Alarm) -> &str {
    match alarm.severity.as_deref() {
        Some("none") if alarm.suppresses => "holds others back",
        Some("none") => "feeds others",
        Some(severity) => severity,
        None => "",
    }
}

/// `runbooks/queue-age.md`, wherever the pages are kept, is `queue-age`.
pub(crate) fn page_of(runbook: &str) -> Option<&str> {
    runbook.rsplit('/').next()?.strip_suffix(".md")
}

/// The states of all of the environment's alarms over a time, by name.
pub(crate) async fn history(environment: &Environment, from: i64, to: i64) -> Result<Vec<Lane>> {
    let prefix = format!("{}-", environment.prefix()?);
    let mut changes: BTreeMap<String, Vec<(i64, AlarmState, AlarmState)>> = BTreeMap::new();
    let mut pages = Client::new(&environment.sdk)
        .describe_alarm_history()
        .alarm_types(AlarmType::MetricAlarm)
        .alarm_types(AlarmType::CompositeAlarm)
        .history_item_type(HistoryItemType::StateUpdate)
        .start_date(DateTime::from_secs(from))
        .end_date(DateTime::from_secs(to + 1))
        .scan_by(ScanBy::TimestampAscending)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        for item in page.context("can't read the alarms' history")?.alarm_history_items.unwrap_or_default() {
            let (Some(name), Some(at)) = (item.alarm_name(), item.timestamp()) else { continue };
            let Some(name) = name.strip_prefix(&prefix) else { continue };
            let data: serde_json::Value = serde_json::from_str(item.history_data().unwrap_or("{}")).unwrap_or_default();
            let state = |which: &str| data[which]["stateValue"].as_str().and_then(AlarmState::parse);
            if let (Some(old), Some(new)) = (state("oldState"), state("newState")) {
                changes.entry(name.to_owned()).or_default().push((at.secs(), old, new));
            }
        }
    }
    let mut lanes = Vec::new();
    for alarm in orders::alarms::all(environment).await? {
        let name = alarm.name.strip_prefix(&prefix).unwrap_or(&alarm.name).to_owned();
        let mut own = changes.remove(&name).unwrap_or_default();
        own.sort_by_key(|change| change.0);
        let now = AlarmState::parse(&alarm.state).unwrap_or(AlarmState::InsufficientData);
        // Nothing changed: what it is now it was all the time.
        let first = own.first().map_or(now, |change| change.1);
        lanes.push(Lane { name, first, changes: own.into_iter().map(|(at, _, new)| (at, new)).collect() });
    }
    Ok(lanes)
}
