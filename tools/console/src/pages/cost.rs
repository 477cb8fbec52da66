//! `/cost`: what a million orders like these would cost to observe, from what was written of them and terraform/prices.json.

use std::fs;

use anyhow::{Context as _, Result};
use aws_sdk_cloudwatch::Client;
use jiff::Timestamp;
use maud::html;
use serde::Serialize;
use serde_json::Value;
use views::Range;

use super::flow;
use crate::{answer::Shown, app::App, ask::Ask, parts};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Cost {
    orders: f64,
    log_bytes_per_order: f64,
    log_lines_per_order: f64,
    traces: usize,
    custom_metrics: usize,
    prices_as_of: String,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    what: &'static str,
    measured: String,
    usd: f64,
    how: String,
}

const BYTES: &str = "stats sum(strlen(@message)) as bytes, count(*) as lines";
const GB: f64 = 1024.0 * 1024.0 * 1024.0;
const MILLION: f64 = 1e6;

pub(crate) async fn page(app: &App, ask: &Ask) -> Result<Shown> {
    let environment = app.environment().await?;
    let since = ask.get("since").unwrap_or("1h");
    let (span, wall) = (ask.since("1h")?.as_secs(), Timestamp::now().as_second());
    let clock = environment.metric_clock().await?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "seconds of days")]
    let metric_span = (span as f64 * clock.scale) as i64;
    let metric_range = Range { start: clock.now.as_second() - metric_span, end: clock.now.as_second() };
    let path = environment.project().join("terraform/prices.json");
    let text = fs::read_to_string(&path)
        .with_context(|| format!("can't read {}: start the console in the project's folder", path.display()))?;
    let prices: Value = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    let price =
        |name: &str| prices["prices"][name]["usd"].as_f64().with_context(|| format!("prices.json has no {name}"));
    let (flow, logs, metrics) = tokio::try_join!(
        flow::read(&environment, metric_range),
        orders::dashboard::rows(&environment, BYTES, Range { start: wall - span, end: wall + 1 }),
        custom_metrics(&environment),
    )?;
    let traces = orders::trace::search(&environment, "", ask.since("1h")?).await?.len();
    let cell = |name: &str| -> f64 {
        let column = logs.columns.iter().position(|column| column == name);
        column.and_then(|column| logs.rows.first()?.get(column)?.parse().ok()).unwrap_or(0.0)
    };
    let orders = flow.sum("accepted");
    let each = |total: f64| if orders > 0.0 { total / orders } else { 0.0 };
    #[expect(clippy::cast_precision_loss, reason = "counts")]
    let (bytes, lines, sampled, metric_count) =
        (each(cell("bytes")), each(cell("lines")), each(traces as f64).min(1.0), metrics as f64);
    let rows = vec![
        Row { what: "Log lines", measured: format!("{bytes:.0} bytes an order"), usd: bytes * MILLION / GB * price("logs_gb")?, how: format!("{lines:.1} lines an order, ingested at {} USD a GB", price("logs_gb")?) },
        Row { what: "Traces", measured: format!("{:.0} % of orders", sampled * 100.0), usd: sampled * MILLION * (price("xray_trace")? + price("xray_insight")?), how: "as many as were sampled here; X-Ray's rule keeps the first of each second and a share of the rest, so more traffic has a smaller share".into() },
        Row { what: "Custom metrics", measured: cli::text::count(metrics, "metric"), usd: metric_count * price("metric")?, how: format!("a month, however many orders, at {} USD each", price("metric")?) },
    ];
    let total: f64 = rows.iter().map(|row| row.usd).sum();
    let data = Cost {
        orders,
        log_bytes_per_order: bytes,
        log_lines_per_order: lines,
        traces,
        custom_metrics: metrics,
        prices_as_of: prices["as_of"].as_str().unwrap_or_default().into(),
        rows,
    };
    let html = html! {
        div.row { (parts::ranges(ask, since, &["15m", "1h", "6h", "1d"])) }
        @if orders == 0.0 { section.card { (parts::empty("No order to measure", &html! { "in the last " (since) ". " a href="/" { "Send some" } " and look again." })) } }
        @else {
            div.numbers { (parts::number("A million orders in a month", &format!("{total:.2} USD"), &html! { "to observe, at " (data.prices_as_of) "'s prices in " (prices["region"].as_str().unwrap_or_default()) ", measured on " (format!("{orders:.0}")) " orders" }, &html! {}, "")) }
            section.card { div.scroll { table { caption { "What observing costs" }
                thead { tr { th scope="col" { "What" } th scope="col" { "Measured here" } th.num scope="col" { "USD" } th scope="col" { "How" } } }
                tbody { @for row in &data.rows { tr { td { (row.what) } td { (row.measured) } td.num { (format!("{:.2}", row.usd)) } td.wrap { (row.how) } } } }
            } } p.quiet { "Only what observing costs; the whole suite's table is in terraform/README.md. Alarms and dashboards cost the same with any number of orders." } }
        }
    };
    Shown::new("Cost", html, &data)
}

/// Of the project's own namespace: each set of dimensions is one.
async fn custom_metrics(environment: &orders::Environment) -> Result<usize> {
    let prefix = environment.prefix()?;
    let project = prefix.strip_suffix(environment.name()).unwrap_or(&prefix).trim_end_matches('-');
    let mut pages = Client::new(&environment.sdk).list_metrics().namespace(project).into_paginator().send();
    let mut count = 0;
    while let Some(page) = pages.next().await {
        count += page.context("can't list the metrics")?.metrics().len();
    }
    Ok(count)
}
