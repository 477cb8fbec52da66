//! Traces in a table: the slowest, the failed.

use std::process::ExitCode;

use anyhow::Result;
use aws_sdk_xray::types::{TraceSummary, ValueWithServiceIds};
use cli::{output, table::Table, time};
use jiff::Timestamp;
use serde::Serialize;
use waterfall::{Outcome, Trace};

use super::find::{Finder, Source};

/// A step that failed after the API had answered is told by its annotation only.
const FAILED: &str = r#"error OR fault OR throttle OR annotation.outcome = "fault" OR annotation.outcome = "throttled" OR annotation.outcome = "rejected""#;

/// How many are listed if no number is given.
const LIMIT: usize = 50;

/// A trace among others.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// As X-Ray writes it.
    pub trace_id: String,
    /// From the annotation; none of a request that made no order.
    pub order_id: Option<String>,
    /// When it began.
    pub start_time: Option<Timestamp>,
    /// From its beginning to its end.
    pub duration_ms: f64,
    /// `fault`, `throttle`, `error`, `running` or `ok`.
    pub outcome: &'static str,
    /// The API's answer.
    pub http_status: Option<i64>,
    /// Where it entered.
    pub entry_point: Option<String>,
}

pub(super) async fn run(finder: &Finder<'_>, slowest: Option<usize>, failed: bool, json: bool) -> Result<ExitCode> {
    let mut rows: Vec<Row> = match finder.source() {
        Source::Index(index) => index.summaries(if failed { FAILED } else { "" }, of_summary).await?,
        Source::TransactionSearch(search) => {
            let traces = if failed { search.failed().await? } else { search.latest(slowest.is_some()).await? };
            traces.iter().map(of_trace).collect()
        }
    };
    let total = rows.len();
    if slowest.is_some() {
        rows.sort_by(|a, b| b.duration_ms.total_cmp(&a.duration_ms));
    } else {
        rows.sort_by_key(|row| std::cmp::Reverse(row.start_time));
    }
    rows.truncate(slowest.unwrap_or(LIMIT));
    if json {
        output::json(&rows)?;
    } else if rows.is_empty() {
        cli::note!("No {}traces in that time: `--since 1d` looks further back.", if failed { "failed " } else { "" });
    } else {
        let mut table = Table::new(["TRACE", "ORDER", "START", "TOOK", "OUTCOME", "HTTP", "ENTRY"]).right([3]);
        rows.iter().for_each(|row| table.row(cells(row)));
        table.print()?;
        cli::note!("{} of {total} shown. See one: orders trace ORDER, or orders trace TRACE", rows.len());
    }
    Ok(if failed && total > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

pub(super) fn of_summary(summary: &TraceSummary) -> Row {
    let start = summary.start_time().and_then(|at| at.to_millis().ok());
    Row {
        trace_id: summary.id().unwrap_or_default().to_owned(),
        order_id: order_id(summary).map(str::to_owned),
        start_time: start.and_then(|ms| Timestamp::from_millisecond(ms).ok()),
        duration_ms: rounded(summary.duration().unwrap_or_default() * 1e3),
        outcome: outcome(summary),
        http_status: summary.http().and_then(|http| http.http_status()).map(i64::from),
        entry_point: summary.entry_point().and_then(|service| service.name()).map(str::to_owned),
    }
}

/// The order that a trace is of.
fn order_id(summary: &TraceSummary) -> Option<&str> {
    let values: &[ValueWithServiceIds] = summary.annotations()?.get("orderId")?;
    values.iter().find_map(|value| value.annotation_value()?.as_string_value().ok().map(String::as_str))
}

pub(super) fn of_trace(trace: &Trace) -> Row {
    let root = trace.roots.first();
    let annotation = |name| trace.spans().filter_map(move |span| span.annotations.get(name)?.as_str());
    #[expect(clippy::cast_possible_truncation, reason = "epoch milliseconds")]
    let start = Timestamp::from_millisecond((trace.start_time * 1e3) as i64);
    let is = |outcome: Outcome, said: &str| {
        trace.spans().any(|span| span.outcome == outcome) || annotation("outcome").any(|value| value == said)
    };
    Row {
        trace_id: trace.trace_id.clone(),
        order_id: annotation("orderId").next().map(str::to_owned),
        start_time: start.ok(),
        duration_ms: rounded(trace.duration_ms),
        outcome: if is(Outcome::Fault, "fault") {
            "fault"
        } else if is(Outcome::Throttle, "throttled") {
            "throttle"
        } else if is(Outcome::Error, "rejected") {
            "error"
        } else if trace.spans().any(|span| span.outcome == Outcome::InProgress) {
            "running"
        } else {
            "ok"
        },
        http_status: root.and_then(|root| root.http_status),
        entry_point: root.map(|root| root.name.clone()),
    }
}

/// To the microsecond.
fn rounded(ms: f64) -> f64 {
    (ms * 1e3).round() / 1e3
}

/// The worst that X-Ray flags, then the worst that a step says of itself.
fn outcome(summary: &TraceSummary) -> &'static str {
    let says = |wanted: &str| {
        let values = summary.annotations().and_then(|annotations| annotations.get("outcome"));
        values.into_iter().flatten().any(|value| {
            value.annotation_value().and_then(|value| value.as_string_value().ok()).is_some_and(|value| value == wanted)
        })
    };
    if summary.has_fault() == Some(true) || says("fault") {
        "fault"
    } else if summary.has_throttle() == Some(true) || says("throttled") {
        "throttle"
    } else if summary.has_error() == Some(true) || says("rejected") {
        "error"
    } else if summary.is_partial() == Some(true) {
        "running"
    } else {
        "ok"
    }
}

fn cells(row: &Row) -> [String; 7] {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".into());
    [
        row.trace_id.clone(),
        or_dash(row.order_id.clone()),
        or_dash(row.start_time.map(|at| format!("{at:.0}"))),
        time::took(row.duration_ms),
        row.outcome.to_owned(),
        or_dash(row.http_status.map(|status| status.to_string())),
        cli::text::clean(&or_dash(row.entry_point.clone())),
    ]
}
