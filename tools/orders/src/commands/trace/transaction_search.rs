//! Transaction Search: spans are log events, found by a query, and traces are retrieved by id.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use aws_config::SdkConfig;
use aws_sdk_cloudwatchlogs::types::QueryStatus;
use aws_sdk_xray::{
    primitives::DateTime,
    types::{RetrievalStatus, TraceFormatType},
};
use jiff::{SignedDuration, Timestamp};
use waterfall::Trace;

const SPANS: &str = "aws/spans";

/// Of one retrieval.
const BATCH: usize = 100;
const PATIENCE: Duration = Duration::from_secs(120);
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);
/// An order's trace may have begun before the time that was asked about, and may go on after now: retries are minutes apart.
const AROUND: SignedDuration = SignedDuration::from_hours(1);

pub(super) struct TransactionSearch {
    xray: aws_sdk_xray::Client,
    logs: aws_sdk_cloudwatchlogs::Client,
    since: Timestamp,
}

impl TransactionSearch {
    pub(super) fn new(sdk: &SdkConfig, xray: aws_sdk_xray::Client, since: Timestamp) -> Self {
        Self { xray, logs: aws_sdk_cloudwatchlogs::Client::new(sdk), since }
    }

    /// The ids of the traces that name the order, whichever attribute it is in: annotations have other names here than in X-Ray.
    pub(super) async fn of_order(&self, order_id: &str) -> Result<Vec<String>> {
        self.ids(&format!(r#"filter @message like "{order_id}" | stats count(*) as spans by traceId | limit {BATCH}"#))
            .await
    }

    /// Those with a step that failed, newest first.
    pub(super) async fn failed(&self) -> Result<Vec<Trace>> {
        let failed = r#"filter status.code = "ERROR" or attributes.outcome in ["fault", "throttled", "rejected"]"#;
        self.traces(
            &self
                .ids(&format!("{failed} | stats max(@timestamp) as at by traceId | sort at desc | limit {BATCH}"))
                .await?,
        )
        .await
    }

    /// Those that took longest, or the newest.
    pub(super) async fn latest(&self, slowest: bool) -> Result<Vec<Trace>> {
        let by = if slowest { "max(endTimeUnixNano) - min(startTimeUnixNano)" } else { "max(@timestamp)" };
        self.traces(&self.ids(&format!("stats {by} as place by traceId | sort place desc | limit {BATCH}")).await?)
            .await
    }

    /// What is in no span any more is left out.
    pub(super) async fn traces(&self, ids: &[String]) -> Result<Vec<Trace>> {
        let mut traces = Vec::new();
        for ids in ids.chunks(BATCH) {
            traces.extend(self.retrieve(ids).await?);
        }
        Ok(traces)
    }

    async fn retrieve(&self, ids: &[String]) -> Result<Vec<Trace>> {
        let time = |at: Timestamp| DateTime::from_millis(at.as_millisecond());
        let started = self
            .xray
            .start_trace_retrieval()
            .set_trace_ids(Some(ids.to_vec()))
            .start_time(time(self.since - AROUND))
            .end_time(time(Timestamp::now() + AROUND))
            .send()
            .await
            .context("can't begin to retrieve traces from CloudWatch Logs")?;
        let token = started.retrieval_token.context("X-Ray gave no token for the retrieval")?;
        let mut documents: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let (asked, mut next) = (Instant::now(), None);
        loop {
            let page = self
                .xray
                .list_retrieved_traces()
                .retrieval_token(&token)
                .trace_format(TraceFormatType::Xray)
                .set_next_token(next.take())
                .send()
                .await
                .context("can't read the retrieved traces")?;
            match page.retrieval_status() {
                Some(RetrievalStatus::Complete) => {}
                Some(RetrievalStatus::Scheduled | RetrievalStatus::Running) if asked.elapsed() < PATIENCE => {
                    tokio::time::sleep(BETWEEN_LOOKS).await;
                    continue;
                }
                other => bail!(
                    "retrieving the traces took {} s and is {}",
                    asked.elapsed().as_secs(),
                    other.map_or("in no known state", |status| status.as_str())
                ),
            }
            for trace in page.traces() {
                let spans = trace.spans().iter().filter_map(|span| span.document().map(str::to_owned));
                documents.entry(trace.id().unwrap_or_default().to_owned()).or_default().extend(spans);
            }
            next = page.next_token().map(str::to_owned);
            if next.is_none() {
                break;
            }
        }
        documents
            .values()
            .filter(|of_trace| !of_trace.is_empty())
            .map(|of_trace| Ok(Trace::from_documents(of_trace)?))
            .collect()
    }

    /// The traces that a query on the spans names, in X-Ray's form.
    async fn ids(&self, query: &str) -> Result<Vec<String>> {
        let started = self
            .logs
            .start_query()
            .log_group_name(SPANS)
            .query_string(query)
            .start_time(self.since.as_second())
            .end_time(Timestamp::now().as_second() + 1)
            .send()
            .await;
        let id = match started {
            Ok(started) => started.query_id.unwrap_or_default(),
            // The group comes with the first span.
            Err(error) if error.as_service_error().is_some_and(|error| error.is_resource_not_found_exception()) => {
                return Ok(Vec::new());
            }
            Err(error) => return Err(error).context("can't search the log group aws/spans"),
        };
        let asked = Instant::now();
        loop {
            let answer = self.logs.get_query_results().query_id(&id).send().await;
            let answer = answer.context("can't read the answer of the query on aws/spans")?;
            match answer.status() {
                Some(QueryStatus::Complete) => {
                    let cells = answer.results().iter().flatten().filter(|cell| cell.field() == Some("traceId"));
                    return Ok(cells.filter_map(|cell| xray_id(cell.value()?)).collect());
                }
                Some(QueryStatus::Scheduled | QueryStatus::Running) if asked.elapsed() < PATIENCE => {
                    tokio::time::sleep(BETWEEN_LOOKS).await;
                }
                other => bail!(
                    "the query on aws/spans took {} s and is {}",
                    asked.elapsed().as_secs(),
                    other.map_or("in no known state", |status| status.as_str())
                ),
            }
        }
    }
}

/// Spans have W3C's form: the same 32 digits.
fn xray_id(trace_id: &str) -> Option<String> {
    if trace_id.starts_with("1-") {
        return Some(trace_id.to_owned());
    }
    let (time, unique) = trace_id.split_at_checked(8).filter(|_| trace_id.len() == 32)?;
    Some(format!("1-{time}-{unique}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_given_back_in_x_ray_s_form() {
        assert_eq!(xray_id("65432100000000000000000000000001").as_deref(), Some("1-65432100-000000000000000000000001"));
        assert_eq!(
            xray_id("1-65432100-000000000000000000000001").as_deref(),
            Some("1-65432100-000000000000000000000001")
        );
        assert_eq!((xray_id(""), xray_id("65432100")), (None, None));
    }
}
