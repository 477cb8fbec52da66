//! Traces for those who draw them themselves.

use anyhow::{Result, bail};
use jiff::SignedDuration;
use waterfall::Trace;

use super::{
    find::{Finder, Source},
    list::{self, Row},
};
use crate::environment::Environment;

/// The traces of an order, or the one of that id, oldest first, with their log lines.
pub async fn of(environment: &Environment, id: &str, since: SignedDuration) -> Result<Vec<Trace>> {
    let finder = Finder::new(environment, since).await;
    let found = if id.starts_with("1-") { finder.by_trace_id(id).await? } else { finder.by_order(id).await? };
    Ok(found.traces)
}

/// What an X-Ray filter expression finds, newest first.
///
/// # Errors
///
/// Transaction Search knows no filter expressions: without one it lists the newest.
pub async fn search(environment: &Environment, filter: &str, since: SignedDuration) -> Result<Vec<Row>> {
    let mut rows: Vec<Row> = match Finder::new(environment, since).await.source() {
        Source::Index(index) => index.summaries(filter, list::of_summary).await?,
        Source::TransactionSearch(search) if filter.trim().is_empty() => {
            search.latest(false).await?.iter().map(list::of_trace).collect()
        }
        Source::TransactionSearch(_) => bail!(
            "Transaction Search is on, so X-Ray's filter expressions find nothing: leave the filter empty for the newest traces, or \
             ask the log group aws/spans"
        ),
    };
    rows.sort_by_key(|row| std::cmp::Reverse(row.start_time));
    Ok(rows)
}
