//! Finds traces: by what is indexed, by what the log lines tell, by id.

use anyhow::{Context as _, Result};
use aws_sdk_xray::{
    primitives::DateTime,
    types::{TraceSummary, ValueWithServiceIds},
};
use aws_smithy_types::error::display::DisplayErrorContext;
use jiff::{SignedDuration, Timestamp};
use waterfall::Trace;

use super::lines::{self, Lines};
use crate::environment::Environment;

/// X-Ray looks at no more in one call.
const WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// Nor hands out more traces in one.
const BATCH: usize = 5;

pub(super) struct Finder<'a> {
    environment: &'a Environment,
    xray: aws_sdk_xray::Client,
    since: Timestamp,
}

/// Traces, oldest first, with their log lines placed; and all lines that name the order, for when there is no trace.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) traces: Vec<Trace>,
    pub(super) lines: Lines,
}

impl<'a> Finder<'a> {
    pub(super) fn new(environment: &'a Environment, since: SignedDuration) -> Self {
        Self { environment, xray: aws_sdk_xray::Client::new(&environment.sdk), since: Timestamp::now() - since }
    }

    /// The traces of an order.
    pub(super) async fn by_order(&self, order_id: &str) -> Result<Found> {
        let summaries = self.summaries(&format!(r#"annotation.orderId = "{order_id}""#)).await?;
        let lines = lines::read(self.environment, self.since, order_id).await;
        let mut ids: Vec<String> = summaries.iter().filter_map(|summary| summary.id().map(str::to_owned)).collect();
        if ids.is_empty() {
            // The index is late, up to a minute; lines and segments may be there before it.
            ids = lines.trace_ids();
        }
        self.found(&ids, lines).await
    }

    pub(super) async fn by_trace_id(&self, trace_id: &str) -> Result<Found> {
        let lines = lines::read(self.environment, self.since, trace_id).await;
        self.found(&[trace_id.to_owned()], lines).await
    }

    async fn found(&self, ids: &[String], lines: Lines) -> Result<Found> {
        let mut traces = Vec::new();
        for ids in ids.chunks(BATCH) {
            traces.extend(self.traces(ids).await?);
        }
        for trace in &mut traces {
            trace.add_logs(lines.all());
        }
        traces.sort_by(|a, b| a.start_time.total_cmp(&b.start_time));
        Ok(Found { traces, lines })
    }

    /// Of at most [`BATCH`] ids; what X-Ray does not have is left out.
    async fn traces(&self, ids: &[String]) -> Result<Vec<Trace>> {
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

    /// What is indexed, newest window first.
    pub(super) async fn summaries(&self, filter: &str) -> Result<Vec<TraceSummary>> {
        let mut summaries = Vec::new();
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
                summaries.extend(page.trace_summaries.unwrap_or_default());
            }
        }
        Ok(summaries)
    }
}

/// The order that a trace is of.
pub(super) fn order_id(summary: &TraceSummary) -> Option<&str> {
    let values: &[ValueWithServiceIds] = summary.annotations()?.get("orderId")?;
    values.iter().find_map(|value| value.annotation_value()?.as_string_value().ok().map(String::as_str))
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
