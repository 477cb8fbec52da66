//! `/traces`: what an X-Ray filter expression finds, and how long that took.

use std::collections::BTreeMap;

use anyhow::Result;
use jiff::Timestamp;
use maud::{Markup, html};
use orders::trace::Row;
use serde::Serialize;
use views::Bin;

use crate::{answer::Shown, app::App, ask::Ask, parts};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Traces<'a> {
    filter: &'a str,
    found: usize,
    traces: &'a [Row],
}

/// Rows on the page; the data have all.
const SHOWN: usize = 200;

/// A step that failed after the API had answered is told by its annotation only.
const FAILED: &str =
    r#"error OR fault OR throttle OR annotation.outcome = "fault" OR annotation.outcome = "throttled""#;

pub(crate) async fn page(app: &App, ask: &Ask) -> Result<Shown> {
    let environment = app.environment().await?;
    let (filter, since) = (ask.get("filter").unwrap_or_default(), ask.get("since").unwrap_or("1h"));
    let searched = orders::trace::search(&environment, filter, ask.since("1h")?).await;
    // A filter that X-Ray refuses is the reader's to mend, on this page.
    let (rows, refused) = match searched {
        Ok(rows) => (rows, None),
        Err(error) if !filter.is_empty() => (Vec::new(), Some(format!("{error:#}"))),
        Err(error) => return Err(error),
    };
    let now = Timestamp::now();
    let html = html! {
        section.card {
            form.row method="get" action="/traces" {
                label.hidden for="filter" { "Filter expression" }
                input #filter name="filter" value=(filter) size="56" spellcheck="false" autocomplete="off" placeholder="responsetime > 0.1 AND http.status = 202";
                input type="hidden" name="since" value=(since);
                button.primary { "Search" }
                (parts::ranges(ask, since, &["15m", "1h", "6h", "1d"]))
            }
            p.quiet { "X-Ray's filter expressions: " @for (words, expression) in [("failed", FAILED), ("slow", "responsetime > 0.5"), ("refused", "http.status = 400"), ("orders that died", r#"annotation.outcome = "dead-lettered""#)] {
                a href=(ask.with(&[("filter", Some(expression))])) { (words) } " · " } a href=(ask.with(&[("filter", None)])) { "all" } }
            @if let Some(refused) = &refused { p.state.bad role="alert" { "✗ " (refused) } }
        }
        (parts::live("traces", "order", &html! {
            @if rows.is_empty() { div.card { (parts::empty("No trace", &html! { "in the last " (since) @if filter.is_empty() { ". Sampling keeps the first of each second and a share of the rest; an order sent from " a href="/" { "Now" } " is here a moment later." } @else { " fits this filter." } })) } }
            @else {
                div.columns { (spread(ask, filter, &rows)) (refiners(ask, filter, &rows)) }
                (table(&rows, now))
            }
        }))
        section.card { h2 { "In a terminal" } (parts::command(&app.command("trace --failed --since 1h"))) (parts::command(&app.command("trace --slowest 10"))) }
    };
    let data = Traces { filter, found: rows.len(), traces: &rows };
    Shown::new("Traces", html, &data)
}

fn and(filter: &str, more: &str) -> String {
    if filter.is_empty() { more.to_owned() } else { format!("({filter}) AND {more}") }
}

/// Twice as long with each bar.
fn spread(ask: &Ask, filter: &str, rows: &[Row]) -> Markup {
    let bin = |row: &Row| row.duration_ms.max(1.0).log2().floor();
    let (low, high) = rows.iter().map(bin).fold((f64::MAX, f64::MIN), |(low, high), bin| (low.min(bin), high.max(bin)));
    let mut bins = Vec::new();
    let mut at = low;
    while at <= high && bins.len() < 24 {
        let (from, to) = (at.exp2(), (at + 1.0).exp2());
        let count = rows.iter().filter(|row| bin(row) == at).count();
        let more = format!(
            "responsetime >= {:.3} AND responsetime < {:.3}",
            if at == low { 0.0 } else { from / 1000.0 },
            to / 1000.0
        );
        let href = ask.with(&[("filter", Some(&and(filter, &more)))]);
        bins.push(Bin { from: cli::time::took(from), count, href });
        at += 1.0;
    }
    html! { section.card { h2 { (rows.len()) " traces by duration" } (views::histogram("How long traces took; a bar leads to its traces", &bins)) } }
}

fn refiners(ask: &Ask, filter: &str, rows: &[Row]) -> Markup {
    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    let mut statuses: BTreeMap<i64, usize> = BTreeMap::new();
    for row in rows {
        *outcomes.entry(row.outcome).or_default() += 1;
        if let Some(status) = row.http_status {
            *statuses.entry(status).or_default() += 1;
        }
    }
    let expression = |outcome: &str| match outcome {
        "fault" => Some(r#"(fault OR annotation.outcome = "fault")"#),
        "throttle" => Some(r#"(throttle OR annotation.outcome = "throttled")"#),
        "error" => Some(r#"(error OR annotation.outcome = "rejected")"#),
        "ok" => Some("ok"),
        _ => None,
    };
    html! { section.card { h2 { "Refine" }
        dl.facts {
            dt { "Outcome" } dd { @for (outcome, count) in &outcomes { @match expression(outcome) {
                Some(more) => a href=(ask.with(&[("filter", Some(&and(filter, more)))])) { (parts::outcome(outcome)) " " (count) },
                None => span { (parts::outcome(outcome)) " " (count) },
            } "  " } }
            dt { "Response" } dd { @for (status, count) in &statuses { a href=(ask.with(&[("filter", Some(&and(filter, &format!("http.status = {status}"))))])) { (status) } " " span.quiet { (count) } "  " } }
        }
    } }
}

fn table(rows: &[Row], now: Timestamp) -> Markup {
    html! { section.card { div.scroll { table { caption { "Traces, newest first" }
        thead { tr { th scope="col" { "Trace" } th scope="col" { "Order" } th scope="col" { "Outcome" } th.num scope="col" { "Took" } th.num scope="col" { "Response" } th scope="col" { "When" } } }
        tbody { @for row in rows.iter().take(SHOWN) { tr {
            td { a.id href=(format!("/orders/{}", row.trace_id)) { (row.trace_id) } }
            td { @match &row.order_id { Some(order) => a.id href=(format!("/orders/{order}")) title=(order) { (parts::short(order)) "…" }, None => span.quiet { "–" } } }
            td { (parts::outcome(row.outcome)) }
            td.num { (cli::time::took(row.duration_ms)) }
            td.num { (row.http_status.map(|status| status.to_string()).unwrap_or_default()) }
            td { @if let Some(at) = row.start_time { (parts::moment(at, now)) } }
        } } }
    } }
    @if rows.len() > SHOWN { p.quiet { (SHOWN) " of " (rows.len()) " shown: a filter or a shorter time shows the rest; the JSON has all." } } } }
}
