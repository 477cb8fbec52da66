//! The last orders and what became of them, out of the functions' log lines: they know those that were refused, too.

use std::collections::BTreeMap;

use anyhow::Result;
use jiff::Timestamp;
use orders::Environment;
use serde::Serialize;
use views::{Range, Table};

/// One order, or a request that became none.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Latest {
    pub(crate) order_id: Option<String>,
    pub(crate) trace_id: Option<String>,
    pub(crate) at: Option<Timestamp>,
    pub(crate) fate: &'static str,
    pub(crate) why: Option<String>,
    /// From its request to its being stored.
    pub(crate) took_ms: Option<f64>,
}

const LINES: &str = r#"fields @timestamp, Service, step, outcome, orderId, traceId, errorClass, durationMs
    | filter (step = "handler" and Service = "validator") or step = "record"
    | sort @timestamp desc | limit 90"#;

/// How far back: lines of a busy hour are many.
const MINUTES: i64 = 15;

/// The newest first, at most so many.
pub(crate) async fn read(environment: &Environment, most: usize) -> Result<Vec<Latest>> {
    let now = Timestamp::now().as_second();
    let mut table =
        orders::dashboard::rows(environment, LINES, Range { start: now - MINUTES * 60, end: now + 1 }).await?;
    if table.rows.is_empty() {
        table = orders::dashboard::rows(environment, LINES, Range { start: now - 24 * 3600, end: now + 1 }).await?;
    }
    Ok(folded(&table, most))
}

fn folded(table: &Table, most: usize) -> Vec<Latest> {
    let column = |name: &str| table.columns.iter().position(|column| column == name);
    let places = ["@timestamp", "step", "outcome", "orderId", "traceId", "errorClass", "durationMs"].map(column);
    let mut found: Vec<Latest> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    // Oldest first: what comes later is what became of it.
    for row in table.rows.iter().rev() {
        let [at, step, outcome, order, trace, class, took] = places
            .map(|place| place.and_then(|place| row.get(place)).map(String::as_str).filter(|cell| !cell.is_empty()));
        let at = at.and_then(moment);
        let (is_request, outcome) = (step == Some("handler"), outcome.unwrap_or_default());
        let fate = fate(is_request, outcome, class.is_some());
        let key = order.or(trace).unwrap_or_default().to_owned();
        let index = *known.entry(key.clone()).or_insert_with(|| {
            found.push(Latest { order_id: None, trace_id: None, at, fate, why: None, took_ms: None });
            found.len() - 1
        });
        let Some(one) = found.get_mut(index) else { continue };
        one.order_id = order.map(str::to_owned).or(one.order_id.take());
        one.trace_id = trace.map(str::to_owned).or(one.trace_id.take());
        one.fate = fate;
        one.why = class.map(str::to_owned);
        if is_request {
            one.at = at;
        } else if let (Some(began), Some(end)) = (one.at, at)
            && fate == "stored"
        {
            #[expect(clippy::cast_precision_loss, reason = "milliseconds for people")]
            let ms = end.duration_since(began).as_millis() as f64;
            one.took_ms = Some(ms + took.and_then(|took| took.parse::<f64>().ok()).filter(|_| ms < 1.0).unwrap_or(0.0));
        }
    }
    found.sort_by_key(|one| std::cmp::Reverse(one.at));
    found.truncate(most);
    found
}

/// What a unit's outcome means for its order.
fn fate(is_request: bool, outcome: &str, failed: bool) -> &'static str {
    match (is_request, outcome) {
        (true, "accepted" | "repeated") => "waiting",
        (true, "rejected") => "refused",
        (true, _) if failed => "not accepted",
        (true, _) => "waiting",
        (false, outcome) if outcome.contains("dead") || outcome.contains("dlq") => "dead-lettered",
        (false, "duplicate") => "duplicate",
        (false, "rejected") => "dead-lettered",
        (false, _) if failed => "retrying",
        (false, _) => "stored",
    }
}

/// As Insights writes it: `2026-11-29 20:30:01.123`.
fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim().replacen(' ', "T", 1);
    let zoned = if text.ends_with('Z') { text } else { format!("{text}Z") };
    zoned.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_orders_last_line_is_its_fate() {
        let columns = ["@timestamp", "step", "outcome", "orderId", "traceId", "errorClass", "durationMs"]
            .map(str::to_owned)
            .to_vec();
        let row = |cells: [&str; 7]| cells.map(str::to_owned).to_vec();
        // As the query sorts them: the newest first.
        let rows = vec![
            row(["2026-11-29 10:00:03.000", "handler", "rejected", "", "1-3-c", "MissingField", "1"]),
            row(["2026-11-29 10:00:02.500", "record", "fault", "o-2", "1-2-b", "ServerFault", "9"]),
            row(["2026-11-29 10:00:02.000", "handler", "accepted", "o-2", "1-2-b", "", "7"]),
            row(["2026-11-29 10:00:01.060", "record", "stored", "o-1", "1-1-a", "", "5"]),
            row(["2026-11-29 10:00:01.000", "handler", "accepted", "o-1", "1-1-a", "", "7"]),
        ];
        let found = folded(&Table { columns, rows }, 20);
        let told: Vec<_> = found.iter().map(|one| (one.order_id.as_deref(), one.fate, one.took_ms)).collect();
        assert_eq!(
            told,
            [(None, "refused", None), (Some("o-2"), "retrying", None), (Some("o-1"), "stored", Some(60.0))]
        );
        assert_eq!(found[1].why.as_deref(), Some("ServerFault"));
    }
}
