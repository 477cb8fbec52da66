//! Traces for those who draw them themselves.

use anyhow::Result;
use jiff::SignedDuration;
use waterfall::Trace;

use super::{
    find::Finder,
    list::{self, Row},
};
use crate::environment::Environment;

/// The traces of an order, or the one of that id, oldest first, with their log lines.
pub async fn of(environment: &Environment, id: &str, since: SignedDuration) -> Result<Vec<Trace>> {
    let finder = Finder::new(environment, since);
    let found = if id.starts_with("1-") { finder.by_trace_id(id).await? } else { finder.by_order(id).await? };
    Ok(found.traces)
}

/// What an X-Ray filter expression finds, newest first.
pub async fn search(environment: &Environment, filter: &str, since: SignedDuration) -> Result<Vec<Row>> {
    let mut summaries = Finder::new(environment, since).summaries(filter).await?;
    summaries.sort_by_key(|summary| std::cmp::Reverse(summary.start_time().map(|at| at.as_nanos())));
    Ok(summaries.iter().map(list::row).collect())
}
