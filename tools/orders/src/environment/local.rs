//! The stack on this machine: its state folder, and its own clock.

use std::{fs, io::ErrorKind, path::Path, time::Duration};

use anyhow::{Context as _, Result, bail};
use aws_config::{ConfigLoader, Region};
use aws_sdk_sqs::config::Credentials;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use suite::{Outputs, StateFiles};

use super::{MetricClock, Read};

/// Longer than the stack waits for its emulator.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

pub(super) async fn read(dir: &Path, loader: ConfigLoader) -> Result<Read> {
    let files = StateFiles::in_folder(dir);
    let outputs = Outputs::from_state(&text(&files.outputs(), dir)?).with_context(|| {
        format!("{} is broken: run `make destroy ENVIRONMENT=local` and `make local`", files.outputs().display())
    })?;
    let variables = StateFiles::env_variables(&text(&files.env(), dir)?);
    let variable =
        |name: &str| variables.get(name).cloned().with_context(|| format!("{} has no {name}", files.env().display()));
    let credentials =
        Credentials::new(variable("AWS_ACCESS_KEY_ID")?, variable("AWS_SECRET_ACCESS_KEY")?, None, None, "local stack");
    let endpoint = variable("AWS_ENDPOINT_URL")?;
    get(endpoint.clone(), "health")
        .await
        .with_context(|| format!("the local stack at {endpoint} has ended: run `make local`"))
        .and_then(|health| match health["emulator"].as_str() {
            Some("up") => Ok(()),
            Some("silent") => {
                bail!("the local stack's emulator does not answer: run `make local`, which starts it again")
            }
            _ => bail!("the local stack's emulator has ended: run `make local`, which starts it again"),
        })?;
    let loader =
        loader.endpoint_url(endpoint).region(Region::new(variable("AWS_REGION")?)).credentials_provider(credentials);
    Ok((outputs, loader))
}

fn text(path: &Path, dir: &Path) -> Result<String> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("no local stack is up in {}: run `make local`", dir.display())
        }
        read => read.with_context(|| format!("can't read {}", path.display())),
    }
}

pub(super) async fn metric_clock(endpoint: &str) -> Result<MetricClock> {
    let answer = get(endpoint.to_owned(), "metrics")
        .await
        .context("the local stack does not say which time its metrics have: run `make local`")?;
    let now = answer["now"].as_f64().context("the local stack's clock says no time")?;
    #[expect(clippy::cast_possible_truncation, reason = "epoch milliseconds")]
    let now = Timestamp::from_millisecond((now * 1000.0) as i64)?;
    Ok(MetricClock { now, scale: answer["timeScale"].as_f64().unwrap_or(1.0) })
}

/// Did its X-Ray hold this trace once, and make room for later ones?
pub(super) async fn was_evicted(endpoint: &str, trace_id: &str) -> Result<bool> {
    Ok(get(endpoint.to_owned(), format!("traces/{trace_id}")).await?["evicted"] == true)
}

/// Telemetry that the stack's X-Ray could not take: whoever sent it by UDP hears of it nowhere else.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all(serialize = "camelCase"))]
pub(crate) struct LostTraces {
    /// Documents and datagrams that were refused, by reason.
    pub(crate) refused_traces: Vec<Refused>,
    /// Datagrams that the kernel has dropped, because they came faster than they were taken.
    pub(crate) dropped_datagrams: Option<u64>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Refused {
    pub(crate) code: String,
    pub(crate) count: u64,
    /// What was wrong with the latest.
    pub(crate) latest: String,
}

pub(super) async fn lost_traces(endpoint: &str) -> Result<LostTraces> {
    let health = get(endpoint.to_owned(), "health").await?;
    serde_json::from_value(health).context("the local stack's health can't be read: run `make local`")
}

/// What only the local stack answers.
async fn get(endpoint: String, what: impl std::fmt::Display + Send + 'static) -> Result<Value> {
    let answer = tokio::task::spawn_blocking(move || {
        // Whatever proxy the environment names, it is not for this machine's own address.
        let config = ureq::Agent::config_builder().proxy(None).timeout_global(Some(ANSWER_WITHIN));
        let agent: ureq::Agent = config.build().into();
        agent.get(format!("{endpoint}/_local/{what}")).call().and_then(|mut answer| answer.body_mut().read_json())
    });
    Ok(answer.await??)
}
