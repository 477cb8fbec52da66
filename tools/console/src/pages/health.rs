//! `/health`: what came, was refused and was dropped, and why a page may be empty.

use std::fs;

use anyhow::Result;
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Serialize;
use serde_json::Value;

use crate::{answer::Shown, app::App, local, parts};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Health {
    version: &'static str,
    started: Timestamp,
    requests: u64,
    refused: u64,
    readers: usize,
    memory_kb: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stack: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics: Option<Value>,
}

pub(crate) async fn page(app: &App) -> Result<Shown> {
    let environment = app.environment().await?;
    let (stack, metrics) = match app.is_local() {
        true => (Some(local::health(&environment).await?), Some(local::metrics(&environment).await?)),
        false => (None, None),
    };
    let (requests, refused) = app.counts();
    let health = Health {
        version: env!("CARGO_PKG_VERSION"),
        started: app.started,
        requests,
        refused,
        readers: app.live.readers(),
        memory_kb: memory_kb(),
        stack,
        metrics,
    };
    let now = Timestamp::now();
    let html = html! {
        (parts::live("health", "metric order", &html! { div.columns {
            section.card { h2 { "This console" } dl.facts {
                dt { "Version" } dd { (health.version) } dt { "Started" } dd { (parts::moment(health.started, now)) }
                dt { "Requests" } dd { (health.requests) " answered, " (health.refused) " refused for their host, origin or token" }
                dt { "Live pages" } dd { (health.readers) }
                dt { "Memory" } dd { (health.memory_kb.map(|kb| format!("{} MB", kb / 1024)).unwrap_or_else(|| "not known here".into())) }
            } }
            @if let Some(stack) = &health.stack { (traces(stack)) }
            @if let Some(metrics) = &health.metrics { (series(metrics)) }
            section.card { h2 { "Where things are" } dl.facts { @for (name, value) in environment.outputs() { dt { (name) } dd { code { (value) } } } } }
        } }))
        (why_empty(app))
        section.card { h2 { "Take it with you" } p { a.action.primary href="/export.zip" { "All of it, as a .zip" } span.quiet { " what the pages say now: orders, alarms, dashboard, traces, logs, dead letters without their bodies" } }
            p { "Every page is also data: its address with " code { ".json" } ", with the token as a header." }
            @for path in ["/.json", "/alarms.json", "/traces.json?since=6h", "/logs.json?since=1h", "/dlq.json", "/health.json"] { p { a href=(path) { (path) } } } }
    };
    Shown::new("Health", html, &health)
}

fn traces(stack: &Value) -> Markup {
    let traces = &stack["traces"];
    let count = |name: &str| traces[name].as_u64().unwrap_or_default();
    html! { section.card { h2 { "Traces" } dl.facts {
        dt { "Held" } dd { (count("traces")) " traces, " (count("bytes") / 1024) " kB" }
        dt { "Documents" } dd { (count("received")) " came, " (count("stored")) " new, " (count("replaced")) " in place of an earlier one, " (count("stale")) " too late" }
        dt { "Refused" } dd { (count("rejected")) " documents, of them " (count("malformed_datagrams")) " datagrams that are none" }
        dt { "Dropped" } dd { (count("over_trace_limit")) " over a trace's limit; " (count("evicted_traces")) " traces made room for later ones" }
        dt { "Received at" } dd { code { (stack["xray_daemon"].as_str().unwrap_or_default()) } " by UDP" }
        dt { "Emulator" } dd { (stack["emulator"].as_str().unwrap_or_default()) }
    } } }
}

fn series(metrics: &Value) -> Markup {
    html! { section.card { h2 { "Metrics" } dl.facts {
        dt { "Metrics" } dd { (metrics["metrics"].as_u64().unwrap_or_default()) }
        dt { "Clock" } dd { (metrics["timeScale"].as_f64().unwrap_or(1.0)) " times as fast as the wall's" }
        dt { "Refused" } dd { @match metrics["refused"].as_object() { Some(refused) if !refused.is_empty() => @for (reason, count) in refused { (count) " " (reason) " " }, _ => "none" } }
        dt { "Without percentiles" } dd { (metrics["periodsWithoutPercentiles"].as_u64().unwrap_or_default()) " periods that had too many values" }
    } } }
}

fn why_empty(app: &App) -> Markup {
    html! { section.card { h2 { "Why a page may be empty" } div.scroll { table { caption { "Why a page may be empty" }
        thead { tr { th scope="col" { "Page" } th scope="col" { "Because" } th scope="col" { "Then" } } }
        tbody {
            tr { td { "Dashboards" } td.wrap { "a period is shown a minute after its end, as CloudWatch does" } td.wrap { "wait two minutes of the metrics' clock" @if app.is_local() { "; " code { "make local LOCAL_TIME_SCALE=60" } " makes them two seconds" } } }
            tr { td { "Traces, Map" } td.wrap { "the order was not sampled: the first of each second is, and a share of the rest" } td.wrap { "its log lines are on its page; send another" } }
            tr { td { "Logs" } td.wrap { "the time is short, or the filter fits nothing" } td.wrap { "look further back" } }
            tr { td { "Alarms" } td.wrap { "lanes are drawn for those that changed" } td.wrap { a href="/alarms?lanes=all" { "show all" } } }
            tr { td { "Orders" } td.wrap { "a stack that was started anew has forgotten its orders" } td.wrap { a href="/" { "send one" } } }
        }
    } } } }
}

/// What this process holds.
fn memory_kb() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.trim().split(' ').next()?.parse().ok()
}
