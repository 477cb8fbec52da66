//! `/logs`: the functions' lines, newest first, and CloudWatch Logs Insights with the saved queries.

use anyhow::Result;
use jiff::Timestamp;
use maud::{Markup, html};
use orders::logs::Line;
use serde::Serialize;
use suite::Suite;
use views::{Range, Table};

use crate::{answer::Shown, app::App, ask::Ask, parts};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    filter: String,
    lines: Vec<Row>,
    #[serde(skip_serializing_if = "Option::is_none")]
    query: Option<Table>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    at: Timestamp,
    level: String,
    service: String,
    step: String,
    outcome: String,
    message: String,
    duration_ms: Option<f64>,
    order_id: Option<String>,
    trace_id: Option<String>,
    error_class: Option<String>,
    error: Option<String>,
}

impl Row {
    fn of(at: Timestamp, line: Line) -> Self {
        let Line {
            level, service, step, outcome, message, duration_ms, order_id, trace_id, error_class, error, ..
        } = line;
        Self { at, level, service, step, outcome, message, duration_ms, order_id, trace_id, error_class, error }
    }
}

const SHOWN: usize = 200;

/// Patterns that one wants often: what they say, and CloudWatch's filter pattern.
const PATTERNS: [(&str, &str); 4] = [
    ("failures", "{ $.errorClass = * }"),
    ("validator", "{ $.Service = \"validator\" }"),
    ("processor", "{ $.Service = \"processor\" }"),
    ("stored", "{ $.step = \"record\" && $.errorClass NOT EXISTS }"),
];

pub(crate) async fn page(app: &App, ask: &Ask) -> Result<Shown> {
    let environment = app.environment().await?;
    let (filter, since) = (ask.get("filter").unwrap_or_default().to_owned(), ask.get("since").unwrap_or("5m"));
    let span = ask.since("5m")?;
    let queries = Suite::read(environment.project()).and_then(|suite| suite.saved_queries()).unwrap_or_default();
    let asked = ask.get("query").map(str::to_owned);
    let now = Timestamp::now();
    let (lines, refused, table) = match &asked {
        Some(query) => {
            let end = now.as_second();
            match orders::dashboard::rows(&environment, query, Range { start: end - span.as_secs(), end: end + 1 })
                .await
            {
                Ok(table) => (Vec::new(), None, Some(table)),
                Err(error) => (Vec::new(), Some(format!("{error:#}")), None),
            }
        }
        None => {
            match orders::logs::lines(&environment, span, Some(filter.as_str()).filter(|filter| !filter.is_empty()))
                .await
            {
                Ok(lines) => (lines, None, None),
                Err(error) if !filter.is_empty() => (Vec::new(), Some(format!("{error:#}")), None),
                Err(error) => return Err(error),
            }
        }
    };
    let all = lines.len();
    let rows: Vec<Row> = lines.into_iter().rev().take(SHOWN).map(|(at, line)| Row::of(at, line)).collect();
    let html = html! {
        section.card {
            form.row method="get" action="/logs" {
                label.hidden for="filter" { "Filter pattern" }
                input #filter name="filter" value=(filter) size="52" spellcheck="false" autocomplete="off" placeholder="{ $.outcome = \"fault\" }, ERROR, or an id in quotes";
                input type="hidden" name="since" value=(since);
                button.primary[asked.is_none()] { "Filter" }
                (parts::ranges(ask, since, &["5m", "15m", "1h", "6h", "1d"]))
            }
            p.quiet { "CloudWatch's filter patterns: " @for (words, pattern) in PATTERNS { a href=(ask.with(&[("filter", Some(pattern)), ("query", None)])) { (words) } " · " } a href=(ask.with(&[("filter", None), ("query", None)])) { "all" } }
            @if let Some(refused) = &refused { p.state.bad role="alert" { "✗ " (refused) } }
        }
        section.card {
            details #insights open[asked.is_some()] { summary { "Ask CloudWatch Logs Insights" }
                form method="get" action="/logs" {
                    input type="hidden" name="since" value=(since);
                    label.hidden for="query" { "Query" }
                    textarea #query name="query" rows="5" spellcheck="false" { (asked.as_deref().unwrap_or("filter ispresent(errorClass)\n| stats count(*) as failures by Service, step, errorClass\n| sort failures desc")) }
                    div.row { button.primary[asked.is_some()] { "Run" } span.quiet { "Saved: " @for (name, saved) in &queries { a href=(ask.with(&[("query", Some(saved.query.trim())), ("filter", None)])) { (name) } " " } } }
                }
                p.quiet { "Where a saved query says ORDER_ID or TRACE_ID, put the id." }
            }
            @if let Some(table) = &table { (answer(table)) }
        }
        @if asked.is_none() { (parts::live("lines", "order", &tail(&rows, all, since))) }
        (parts::command(&app.command(&match filter.is_empty() { true => "logs --follow".to_owned(), false => format!("logs --since {since} --filter '{filter}'") })))
    };
    Shown::new("Logs", html, &Data { filter, lines: rows, query: table })
}

fn answer(table: &Table) -> Markup {
    html! { @if table.rows.is_empty() { (parts::empty("No rows", &html! { "in this time. A longer one may have some." })) } @else { p.quiet { (cli::text::count(table.rows.len(), "row")) } div.scroll { (table.html(&|_, _| None, "The query's answer")) } } }
}

fn tail(rows: &[Row], all: usize, since: &str) -> Markup {
    html! { section.card {
        @if rows.is_empty() { (parts::empty("No line", &html! { "in the last " (since) ". A function writes one line for each order, once it is answered: " a href="/" { "send one" } "." })) }
        @else {
            ol.logs aria-label="Log lines, newest first" { @for row in rows {
                li.(class(row)) {
                    time datetime=(row.at.to_string()) title=(row.at.to_string()) { (row.at.strftime("%H:%M:%S%.3f").to_string()) }
                    span { (row.level) } span { (row.service) } span { (row.step) }
                    span { (parts::outcome(&row.outcome)) }
                    span.took { (row.duration_ms.map(cli::time::took).unwrap_or_default()) }
                    span { @match (&row.order_id, &row.trace_id) { (Some(order), _) => (parts::order_link(order)), (None, Some(trace)) => a.id href=(format!("/orders/{trace}")) { (trace) }, _ => (row.message) } }
                    @if let Some(class) = &row.error_class { span.why { (class) @if let Some(error) = &row.error { ": " (error) } } }
                }
            } }
            @if all > rows.len() { p.quiet { (rows.len()) " of " (all) " shown: a filter or a shorter time shows the rest." } }
        }
    } }
}

fn class(row: &Row) -> &'static str {
    match (&row.error_class, row.outcome.as_str()) {
        (None, _) => "",
        (Some(_), "rejected" | "throttled") => "warn",
        (Some(_), _) => "bad",
    }
}
