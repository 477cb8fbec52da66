//! Both functions' log lines, and CloudWatch Logs behind them.

use futures::future::try_join_all;
use jiff::Timestamp;
use telemetry::{AwsCall, Step};

use super::{Aws, AwsError};

/// Where log lines are.
pub trait Lines {
    /// The lines that name an order.
    fn lines(
        &self,
        order_id: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Future<Output = Result<Vec<String>, AwsError>> + Send;
}

impl Lines for Aws {
    async fn lines(&self, order_id: &str, from: Timestamp, to: Timestamp) -> Result<Vec<String>, AwsError> {
        let read = async {
            let groups = self.log_groups.iter().map(|group| self.group(group, order_id, from, to));
            Ok(try_join_all(groups).await?.concat())
        };
        Step::new("filter-log-events").aws(AwsCall::new("CloudWatchLogs", "FilterLogEvents")).run(read).await
    }
}

impl Aws {
    async fn group(
        &self,
        group: &str,
        order_id: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<String>, AwsError> {
        let call = self.logs.filter_log_events().log_group_name(group).filter_pattern(format!("\"{order_id}\""));
        let call = call.start_time(from.as_millisecond()).end_time(to.as_millisecond());
        let mut pages = call.into_paginator().send();
        let mut lines = Vec::new();
        while let Some(page) = pages.next().await {
            let events = page.map_err(|error| AwsError::of("CloudWatch Logs", &error))?.events.unwrap_or_default();
            lines.extend(events.into_iter().filter_map(|event| event.message));
        }
        Ok(lines)
    }
}
