//! An order's traces, and X-Ray behind them.

use aws_sdk_xray::primitives::DateTime;
use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use telemetry::{AwsCall, Step};

use super::{Aws, AwsError};

/// Where traces are.
pub trait Traces {
    /// The ids of the traces that name an order.
    fn ids(
        &self,
        order_id: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Future<Output = Result<Vec<String>, AwsError>> + Send;

    /// The documents of each of those traces that is there.
    fn documents(&self, ids: &[String]) -> impl Future<Output = Result<Vec<Vec<String>>, AwsError>> + Send;
}

/// X-Ray looks at no more in one call, and hands out no more traces in one.
const WINDOW: SignedDuration = SignedDuration::from_hours(24);
const BATCH: usize = 5;

impl Traces for Aws {
    async fn ids(&self, order_id: &str, from: Timestamp, to: Timestamp) -> Result<Vec<String>, AwsError> {
        let read =
            async { Ok(try_join_all(windows(from, to).map(|window| self.window(order_id, window))).await?.concat()) };
        Step::new("get-trace-summaries").aws(AwsCall::new("XRay", "GetTraceSummaries")).run(read).await
    }

    async fn documents(&self, ids: &[String]) -> Result<Vec<Vec<String>>, AwsError> {
        let read = async {
            let mut traces = Vec::new();
            for ids in ids.chunks(BATCH) {
                let mut pages = self.xray.batch_get_traces().set_trace_ids(Some(ids.to_vec())).into_paginator().send();
                while let Some(page) = pages.next().await {
                    let found = page.map_err(|error| AwsError::of("X-Ray", &error))?.traces.unwrap_or_default();
                    traces.extend(found.into_iter().map(|trace| {
                        let segments = trace.segments.unwrap_or_default();
                        segments.into_iter().filter_map(|segment| segment.document).collect::<Vec<_>>()
                    }));
                }
            }
            Ok(traces)
        };
        Step::new("batch-get-traces").aws(AwsCall::new("XRay", "BatchGetTraces")).run(read).await
    }
}

impl Aws {
    async fn window(&self, order_id: &str, (from, to): (Timestamp, Timestamp)) -> Result<Vec<String>, AwsError> {
        let at = |at: Timestamp| DateTime::from_millis(at.as_millisecond());
        let call = self.xray.get_trace_summaries().start_time(at(from)).end_time(at(to));
        let mut pages = call.filter_expression(format!(r#"annotation.orderId = "{order_id}""#)).into_paginator().send();
        let mut ids = Vec::new();
        while let Some(page) = pages.next().await {
            let found = page.map_err(|error| AwsError::of("X-Ray", &error))?.trace_summaries.unwrap_or_default();
            ids.extend(found.into_iter().filter_map(|summary| summary.id));
        }
        Ok(ids)
    }
}

/// Parts that X-Ray takes, from the newest back.
fn windows(from: Timestamp, to: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> {
    let mut end = to;
    std::iter::from_fn(move || {
        (end > from).then(|| {
            let window = (from.max(end - WINDOW), end);
            end = window.0;
            window
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_cover_the_range_without_overlap() {
        let at = |hours: i64| Timestamp::from_second(hours * 3600).unwrap();
        assert_eq!(
            windows(at(40), at(100)).collect::<Vec<_>>(),
            [(at(76), at(100)), (at(52), at(76)), (at(40), at(52))]
        );
        assert_eq!(windows(at(100), at(100)).count(), 0);
    }
}
