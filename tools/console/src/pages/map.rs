//! `/map`: who calls whom, as X-Ray's service graph has it.

use anyhow::{Context as _, Result};
use aws_sdk_xray::{
    primitives::DateTime,
    types::{Service, ServiceStatistics},
};
use jiff::Timestamp;
use maud::html;
use serde::Serialize;
use views::{
    Theme,
    trace::{Edge, Map, Node},
};
use waterfall::Outcome;

use crate::{answer::Shown, app::App, ask::Ask, parts};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shape {
    nodes: Vec<Row>,
    edges: Vec<(String, String)>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    name: String,
    #[serde(skip)]
    full_name: String,
    kind: String,
    calls: i64,
    errors: i64,
    throttles: i64,
    faults: i64,
    average_ms: f64,
}

/// X-Ray looks at no more in one call.
const LONGEST_S: i64 = 6 * 3600;

pub(crate) async fn page(app: &App, ask: &Ask) -> Result<Shown> {
    let since = ask.get("since").unwrap_or("1h");
    let seconds = ask.since("1h")?.as_secs().min(LONGEST_S);
    let environment = app.environment().await?;
    let end = Timestamp::now().as_second();
    let mut pages = aws_sdk_xray::Client::new(&environment.sdk)
        .get_service_graph()
        .start_time(DateTime::from_secs(end - seconds))
        .end_time(DateTime::from_secs(end))
        .into_paginator()
        .send();
    let mut services: Vec<Service> = Vec::new();
    while let Some(page) = pages.next().await {
        services.extend(page.context("can't read X-Ray's service graph")?.services.unwrap_or_default());
    }
    let prefix = format!("{}-", environment.prefix()?);
    // A function is two services, Lambda's and its own: one node. Who called is of no interest where nobody counts it.
    services.retain(|service| service.r#type() != Some("client"));
    let all: Vec<Row> = services.iter().map(|service| row(service, &prefix)).collect();
    let mut rows: Vec<Row> = Vec::new();
    let mut places = Vec::new();
    for own in all {
        let same = |row: &Row| row.name == own.name && family(&row.kind) == family(&own.kind);
        let place = rows.iter().position(same).unwrap_or_else(|| {
            rows.push(own.clone());
            rows.len() - 1
        });
        if let Some(row) = rows.get_mut(place).filter(|row| row.calls < own.calls) {
            *row = own;
        }
        places.push(place);
    }
    let map = Map { nodes: rows.iter().map(node).collect(), edges: edges(&services, &places) };
    let named = |edge: &Edge| Some((rows.get(edge.from)?.name.clone(), rows.get(edge.to)?.name.clone()));
    let joined = map.edges.iter().filter_map(named).collect();
    let html = html! {
        div.row { (parts::ranges(ask, since, &["15m", "1h", "6h"])) }
        (parts::live("map", "metric", &html! { @if rows.is_empty() { div.card { (parts::empty("No trace, so no map", &html! { "in the last " (since) ". The map is drawn from sampled traces: an order sent from " a href="/" { "Now" } " is in it a moment later." })) } } @else {
            section.card { div.scroll { (map.draw("Who calls whom", Theme::Auto).inline()) } p.quiet { "A circle's colour is the worst that happened: red faults (5xx), yellow errors (4xx), purple throttles (429). Dashed: through a queue, later." } }
            section.card { div.scroll { table { caption { "Services" }
                thead { tr { th scope="col" { "Service" } th scope="col" { "Kind" } th.num scope="col" { "Calls" } th.num scope="col" { "Average" } th.num scope="col" { "Faults" } th.num scope="col" { "Errors" } th.num scope="col" { "Throttles" } } }
                tbody { @for row in &rows { tr {
                    td { a href=(format!("/traces?filter={}", crate::ask::encoded(&format!("service(\"{}\")", row.full_name)))) { (row.name) } }
                    td { (row.kind) } td.num { (row.calls) } td.num { (cli::time::took(row.average_ms)) }
                    td.num { (row.faults) } td.num { (row.errors) } td.num { (row.throttles) }
                } } }
            } } }
        } }))
    };
    Shown::new("Map", html, &Shape { nodes: rows, edges: joined })
}

fn row(service: &Service, prefix: &str) -> Row {
    let full_name = service.name().unwrap_or_default().to_owned();
    let name = full_name.strip_prefix(prefix).unwrap_or(&full_name).to_owned();
    let kind = service.r#type().unwrap_or("Service");
    let kind = kind.strip_prefix("AWS::").unwrap_or(kind).replace("::", " ");
    let statistics = service.summary_statistics();
    let of = |pick: fn(&ServiceStatistics) -> Option<i64>| statistics.and_then(pick).unwrap_or_default();
    let calls = of(ServiceStatistics::total_count);
    #[expect(clippy::cast_precision_loss, reason = "a few calls")]
    let average_ms = match calls {
        0 => 0.0,
        calls => {
            statistics.and_then(ServiceStatistics::total_response_time).unwrap_or_default() * 1000.0 / calls as f64
        }
    };
    let error = statistics.and_then(|statistics| statistics.error_statistics());
    Row {
        name,
        full_name,
        kind,
        calls,
        errors: error.and_then(|error| error.other_count()).unwrap_or_default(),
        throttles: error.and_then(|error| error.throttle_count()).unwrap_or_default(),
        faults: statistics.and_then(|statistics| statistics.fault_statistics()?.total_count()).unwrap_or_default(),
        average_ms,
    }
}

fn node(row: &Row) -> Node {
    let outcome = match row {
        row if row.faults > 0 => Outcome::Fault,
        row if row.throttles > 0 => Outcome::Throttle,
        row if row.errors > 0 => Outcome::Error,
        _ => Outcome::Ok,
    };
    let count = |number: i64| usize::try_from(number).unwrap_or_default();
    Node {
        name: row.name.clone(),
        kind: row.kind.clone(),
        calls: count(row.calls),
        failed: count(row.faults + row.errors + row.throttles),
        outcome,
        average_ms: row.average_ms,
    }
}

/// `Lambda Function` is of the family `Lambda`.
fn family(kind: &str) -> &str {
    kind.split(' ').next().unwrap_or(kind)
}

fn edges(services: &[Service], places: &[usize]) -> Vec<Edge> {
    let place = |id: Option<i32>| {
        let found = services.iter().position(|service| service.reference_id() == id)?;
        places.get(found).copied()
    };
    let mut edges: Vec<Edge> = Vec::new();
    for (service, from) in services.iter().zip(places) {
        for edge in service.edges() {
            let calls = edge.summary_statistics().and_then(|statistics| statistics.total_count()).unwrap_or_default();
            let calls = usize::try_from(calls).unwrap_or_default();
            let Some(to) = place(edge.reference_id()).filter(|to| to != from) else { continue };
            // Two functions are joined by a queue: what happens then happens later.
            let linked = service.r#type().is_some_and(|kind| kind.contains("SQS") || kind.contains("Lambda"))
                && services
                    .iter()
                    .zip(places)
                    .any(|(other, at)| *at == to && other.r#type() == Some("AWS::Lambda::Function"));
            match edges.iter_mut().find(|edge| edge.from == *from && edge.to == to) {
                Some(edge) => edge.calls += calls,
                None => edges.push(Edge { from: *from, to, calls, linked }),
            }
        }
    }
    edges
}
