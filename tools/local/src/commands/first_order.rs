//! The first order through a new stack: the proof that it works.

use std::{
    io,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;

use crate::http::{self, HttpClient};

/// Also the README's example.
pub(super) const ORDER: &str = include_str!("../../../orders/sample.json");

const STORED_WITHIN: Duration = Duration::from_secs(30);

/// Sends the order and waits until it is in the table; returns its id.
pub(super) async fn send(
    http: &HttpClient,
    api_url: &str,
    dynamodb: &aws_sdk_dynamodb::Client,
    table: &str,
) -> Result<String> {
    let (status, body) = http::post_json(http, api_url, ORDER.to_owned()).await?;
    if status != 202 {
        bail!("the API answers {status} to the first order, see stack.log: {}", String::from_utf8_lossy(&body));
    }
    let body: Value = serde_json::from_slice(&body).context("the API's answer is no JSON")?;
    let order_id = body["orderId"].as_str().context("the API's answer has no orderId")?.to_owned();

    let begun = Instant::now();
    while begun.elapsed() < STORED_WITHIN {
        let stored = dynamodb
            .get_item()
            .table_name(table)
            .key("orderId", AttributeValue::S(order_id.clone()))
            .send()
            .await
            .context("the table can't be read")?
            .item
            .is_some();
        if stored {
            return Ok(order_id);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!(
        "order {order_id} is not stored within {} s: see `make logs-processor ENVIRONMENT=local`",
        STORED_WITHIN.as_secs()
    )
}

/// Shows the order with the operator's own tool, where that was built beside this one.
pub(super) fn show(order_id: &str, state_dir: &Path) -> Result<()> {
    let orders = std::env::current_exe()?.with_file_name("orders");
    if orders.is_file() {
        let status = Command::new(orders)
            .args(["--env", "local", "--local-dir"])
            .arg(state_dir)
            .args(["scan", order_id])
            .stdout(io::stderr())
            .status()?;
        if !status.success() {
            bail!("`orders scan {order_id}` ended with {status}");
        }
    }
    Ok(())
}
