//! The log lines that name an order or a trace, out of both functions' groups.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;

use crate::{commands::logs, environment::Environment};

#[derive(Debug, Default)]
pub(super) struct Lines(Vec<String>);

/// A trace is worth showing without its lines: what hinders reading them is told, and no more.
pub(super) async fn read(environment: &Environment, since: Timestamp, id: &str) -> Lines {
    let client = aws_sdk_cloudwatchlogs::Client::new(&environment.sdk);
    let pattern = format!("\"{id}\"");
    let mut lines = Vec::new();
    for output in [suite::output::VALIDATOR, suite::output::PROCESSOR] {
        let read = async {
            let group = format!("/aws/lambda/{}", environment.output(output)?);
            logs::look(&client, &group, since.as_millisecond(), Some(&pattern)).await
        };
        match read.await {
            Ok(events) => lines.extend(events.into_iter().filter_map(|event| event.message)),
            Err(error) => cli::note!("Log lines are missing: {error:#}"),
        }
    }
    lines.retain(|line| is_for_people(line));
    Lines(lines)
}

/// Not Lambda's own lines, which are no JSON, nor lines that are only metrics, which have no message.
fn is_for_people(line: &str) -> bool {
    serde_json::from_str::<Value>(line).is_ok_and(|line| line["message"].is_string())
}

impl Lines {
    pub(super) fn all(&self) -> &[String] {
        &self.0
    }

    /// In X-Ray's form.
    pub(super) fn trace_ids(&self) -> Vec<String> {
        let ids: BTreeSet<String> = self
            .0
            .iter()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok()?["traceId"].as_str().map(str::to_owned))
            .filter(|id| id.starts_with("1-"))
            .collect();
        ids.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_and_lambdas_own_lines_are_left_out() {
        assert!(is_for_people(r#"{"level": "INFO", "message": "step done"}"#));
        assert!(!is_for_people(r#"{"_aws": {"Timestamp": 1}, "OrdersStored": 1}"#));
        assert!(!is_for_people("START RequestId: 1 Version: $LATEST"));
    }

    #[test]
    fn trace_ids_are_told_once_each() {
        let line = |trace: &str| format!(r#"{{"message": "stored", "traceId": "{trace}"}}"#);
        let lines = Lines(vec![line("1-2-b"), line("1-1-a"), line("1-2-b"), line("4bf9"), "{}".into(), "{".into()]);
        assert_eq!(lines.trace_ids(), ["1-1-a", "1-2-b"]);
    }
}
