//! X-Ray's own index: summaries by filter expression, traces by id.

use anyhow::{Context as _, Result};
use aws_sdk_xray::{Client, primitives::DateTime, types::TraceSummary};
use aws_smithy_types::error::display::DisplayErrorContext;
use jiff::{SignedDuration, Timestamp};
use waterfall::Trace;

/// X-Ray looks at no more in one call.
const WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// Nor hands out more traces in one.
const BATCH: usize = 5;

pub(super) struct Index {
    xray: Client,
    since: Timestamp,
}

impl Index {
    pub(super) fn new(xray: Client, since: Timestamp) -> Self {
        Self { xray, since }
    }

    /// The ids of the traces that name the order.
    pub(super) async fn of_order(&self, order_id: &str) -> Result<Vec<String>> {
        let filter = format!(r#"annotation.orderId = "{order_id}""#);
        let ids = self.summaries(&filter, |summary| summary.id().map(str::to_owned)).await?;
        Ok(ids.into_iter().flatten().collect())
    }

    pub(super) async fn traces(&self, ids: &[String]) -> Result<Vec<Trace>> {
        let mut traces = Vec::new();
        for ids in ids.chunks(BATCH) {
            traces.extend(self.batch(ids).await?);
        }
        Ok(traces)
    }

    /// Of at most [`BATCH`] ids; what X-Ray does not have is left out.
    async fn batch(&self, ids: &[String]) -> Result<Vec<Trace>> {
        let mut pages = self.xray.batch_get_traces().set_trace_ids(Some(ids.to_vec())).into_paginator().send();
        let mut traces = Vec::new();
        while let Some(page) = pages.next().await {
            for trace in page.context("can't read traces from X-Ray")?.traces.unwrap_or_default() {
                let documents: Vec<_> = trace.segments().iter().filter_map(|segment| segment.document()).collect();
                if trace.limit_exceeded() == Some(true) {
                    cli::note!(
                        "Trace {} has reached X-Ray's size limit: what came later is missing.",
                        trace.id().unwrap_or_default()
                    );
                }
                if !documents.is_empty() {
                    traces.push(Trace::from_documents(&documents)?);
                }
            }
        }
        Ok(traces)
    }

    /// What is wanted of each trace that is indexed, newest window first. A summary is ten kilobytes of memory, an hour has thousands:
    /// none is kept.
    pub(super) async fn summaries<T>(&self, filter: &str, wanted: impl Fn(&TraceSummary) -> T) -> Result<Vec<T>> {
        let mut found = Vec::new();
        for (start, end) in windows(self.since, Timestamp::now()) {
            let mut pages = self
                .xray
                .get_trace_summaries()
                .start_time(DateTime::from_millis(start.as_millisecond()))
                .end_time(DateTime::from_millis(end.as_millisecond()))
                .set_filter_expression((!filter.is_empty()).then(|| filter.to_owned()))
                .into_paginator()
                .send();
            while let Some(page) = pages.next().await {
                let page = page.map_err(|error| {
                    // The SDK's own text is "service error".
                    let why = DisplayErrorContext(&error).to_string();
                    anyhow::Error::new(error).context(format!("can't search X-Ray: {why}"))
                })?;
                found.extend(page.trace_summaries().iter().map(&wanted));
            }
        }
        Ok(found)
    }
}

/// From the newest back, none longer than X-Ray takes.
fn windows(since: Timestamp, now: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> {
    let mut end = now;
    std::iter::from_fn(move || {
        (end > since).then(|| {
            let window = (since.max(end - WINDOW), end);
            end = window.0;
            window
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_cover_the_whole_time_without_overlap() {
        let at = |hours: i64| Timestamp::from_second(hours * 3600).unwrap();
        assert_eq!(windows(at(90), at(100)).collect::<Vec<_>>(), [(at(90), at(100))]);
        assert_eq!(
            windows(at(40), at(100)).collect::<Vec<_>>(),
            [(at(76), at(100)), (at(52), at(76)), (at(40), at(52))]
        );
        assert_eq!(windows(at(76), at(100)).count(), 1);
        assert_eq!(windows(at(100), at(100)).count(), 0);
    }
}
