//! Custom widgets: calling the function behind one.

use anyhow::{Context as _, Result, bail};
use aws_sdk_lambda::{Client, primitives::Blob};
use serde_json::Value;

use crate::environment::Environment;

/// Calls the function as CloudWatch does, with the caller's own rights; what it answers.
pub async fn call(environment: &Environment, endpoint: &str, event: &Value) -> Result<Value> {
    let answer = Client::new(&environment.sdk)
        .invoke()
        .function_name(endpoint)
        .payload(Blob::new(event.to_string()))
        .send()
        .await
        .with_context(|| format!("can't call {endpoint}: lambda:InvokeFunction on it is needed"))?;
    let payload = answer.payload.map(Blob::into_inner).unwrap_or_default();
    let said: Value = serde_json::from_slice(&payload).with_context(|| format!("{endpoint} did not answer JSON"))?;
    if answer.function_error.is_some() {
        // Lambda's own words for a time-out or a crash.
        let why = said["errorMessage"].as_str().unwrap_or("it failed");
        bail!("{endpoint} failed: {why}. Its log: orders logs viewer --raw");
    }
    Ok(said)
}
