//! What only the local stack has: its own health, and faults.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use orders::Environment;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use suite::StateFiles;

const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// As the stack asks for it with every change.
const SECRET: &str = "x-suite-secret";

/// A call that fails on purpose.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Fault {
    pub(crate) service: String,
    pub(crate) operation: Option<String>,
    pub(crate) effect: String,
    pub(crate) times: Option<u32>,
    pub(crate) delay_ms: u64,
}

impl Fault {
    /// As `suite fault` takes it.
    pub(crate) fn words(&self) -> String {
        let operation = self.operation.as_deref().unwrap_or("*");
        format!("{}:{operation} {}", self.service, self.effect)
    }
}

pub(crate) async fn health(environment: &Environment) -> Result<Value> {
    get(environment, "health").await
}

pub(crate) async fn metrics(environment: &Environment) -> Result<Value> {
    get(environment, "metrics").await
}

pub(crate) async fn faults(environment: &Environment) -> Result<Vec<Fault>> {
    Ok(serde_json::from_value(get(environment, "faults").await?)?)
}

pub(crate) async fn set_fault(environment: &Environment, fault: Fault) -> Result<()> {
    change(environment, Some(serde_json::to_value(fault)?)).await
}

pub(crate) async fn clear_faults(environment: &Environment) -> Result<()> {
    change(environment, None).await
}

fn agent() -> ureq::Agent {
    // Whatever proxy the environment names, it is not for this machine's own address.
    ureq::Agent::config_builder()
        .proxy(None)
        .http_status_as_error(false)
        .timeout_global(Some(ANSWER_WITHIN))
        .build()
        .into()
}

fn url(environment: &Environment, what: &str) -> Result<String> {
    let endpoint = environment.sdk.endpoint_url().context("only the local stack has this")?;
    Ok(format!("{endpoint}/_local/{what}"))
}

async fn get(environment: &Environment, what: &str) -> Result<Value> {
    let url = url(environment, what)?;
    let answer = tokio::task::spawn_blocking(move || {
        agent().get(&url).call().and_then(|mut answer| answer.body_mut().read_json::<Value>())
    });
    answer.await?.context("the local stack does not answer: `make local` starts it")
}

async fn change(environment: &Environment, fault: Option<Value>) -> Result<()> {
    let (url, env) = (url(environment, "faults")?, StateFiles::in_folder(environment.local_dir()).env());
    tokio::task::spawn_blocking(move || {
        let text = std::fs::read_to_string(&env).with_context(|| format!("can't read {}", env.display()))?;
        let variables = StateFiles::env_variables(&text);
        let secret =
            variables.get("AWS_SECRET_ACCESS_KEY").with_context(|| format!("{} has no secret", env.display()))?;
        let mut answer = match fault {
            Some(fault) => agent().post(&url).header(SECRET, secret).send_json(fault)?,
            None => agent().delete(&url).header(SECRET, secret).call()?,
        };
        if !answer.status().is_success() {
            bail!("the local stack refuses: {}", answer.body_mut().read_to_string().unwrap_or_default());
        }
        Ok(())
    })
    .await?
}
