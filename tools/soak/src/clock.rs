//! The clock of the stack's metrics, which may run fast.

use std::time::Duration;

use anyhow::{Context as _, Result};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use jiff::Timestamp;
use serde_json::Value;

use crate::stack::Stack;

const MAX_ANSWER: usize = 64 * 1024;

/// Waits for an hour of that clock to begin, and tells which. The alarm on unaccounted orders takes an hour's last orders for lost if
/// they are many beside the hour's others: those of a run that begins shortly before its end.
pub(crate) async fn next_hour(stack: &Stack, time_scale: u32, hour_s: u32) -> Result<Timestamp> {
    let url = format!("{}/_local/metrics", stack.sdk.endpoint_url().context("the stack has no address")?);
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let answer = client.get(url.parse()?).await.context("the stack does not say which time its metrics have")?;
    let body =
        Limited::new(answer.into_body(), MAX_ANSWER).collect().await.map_err(anyhow::Error::from_boxed)?.to_bytes();
    let now = serde_json::from_slice::<Value>(&body)?["now"].as_f64().context("the stack's clock says no time")?;
    let left = f64::from(hour_s) - now.rem_euclid(f64::from(hour_s));
    let begins = Timestamp::UNIX_EPOCH.checked_add(jiff::SignedDuration::try_from_secs_f64((now + left).round())?)?;
    let left = left / f64::from(time_scale);
    cli::note!("waiting {left:.0} s: an hour of the metrics begins then");
    tokio::time::sleep(Duration::from_secs_f64(left)).await;
    Ok(begins)
}
