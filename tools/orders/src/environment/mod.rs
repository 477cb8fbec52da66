//! An environment: its outputs, and the way to its services. Only here do AWS and the local stack differ.

mod hints;
mod local;
mod terraform;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig, timeout::TimeoutConfig};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use cli::time;
use jiff::Timestamp;
pub(crate) use local::LostTraces;
use suite::{Names, Outputs, known_environments, output};

use self::hints::Hints;

/// Everything that differs between AWS and the local stack.
pub struct Environment {
    id: suite::Environment,
    outputs: Outputs,
    hints: Hints,
    project: PathBuf,
    local_dir: PathBuf,
    /// How its AWS services are reached.
    pub sdk: SdkConfig,
}

/// Now, in the time of metrics and alarms.
#[derive(Debug, Clone, Copy)]
pub struct MetricClock {
    /// The moment.
    pub now: Timestamp,
    /// How much faster than the machine's it runs: 1 on AWS.
    pub scale: f64,
}

impl MetricClock {
    /// Said wherever its times are shown, if they are not the wall's.
    pub fn note(&self, wall: Timestamp) -> Option<String> {
        (self.scale != 1.0).then(|| {
            let (metric, wall) = (time::clock(self.now, wall), time::clock(wall, wall));
            format!("times are the stack's clock, {metric}, which runs {}x; wall time is {wall}", self.scale)
        })
    }
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Environment").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Environment {
    /// Reads the one that is named, or says which there are.
    pub async fn read(name: Option<&str>, local_dir: &Path) -> Result<Self> {
        let project = project();
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            bail!("which environment? Say --env NAME, or export ENVIRONMENT=NAME. {}", there_are(&project, local_dir));
        };
        let id: suite::Environment = name.parse()?;
        // Loading this machine's roots takes longer than a call to a stack on it.
        let http = match id.is_local() {
            true => Builder::new().build_http(),
            false => Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https(),
        };
        let loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http).timeout_config(
            // A network that swallows packets must not look like a tool that thinks.
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(5))
                .operation_attempt_timeout(answer_within())
                .operation_timeout(answer_within() * 3)
                .build(),
        );
        let (outputs, loader) = match id.is_local() {
            true => local::read(&located(&project, local_dir), loader).await?,
            false => terraform::read(&id, &project, local_dir, loader)?,
        };
        let local_dir = located(&project, local_dir);
        Ok(Self { hints: Hints::of(&id, &local_dir), id, outputs, project, local_dir, sdk: loader.load().await })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.id.as_str()
    }

    /// The project's folder, as far as it can be told.
    pub fn project(&self) -> &Path {
        &self.project
    }

    /// For another tool that is called for the same environment.
    pub fn arguments(&self) -> Vec<String> {
        ["--env", self.name(), "--local-dir", &self.local_dir.display().to_string()].map(str::to_owned).into()
    }

    /// Where the local stack keeps its state.
    pub fn local_dir(&self) -> &Path {
        &self.local_dir
    }

    /// Whether it is this machine's.
    pub fn is_local(&self) -> bool {
        self.id.is_local()
    }

    /// Says, before anything is changed, where.
    pub(crate) fn announce(&self) {
        let region = self.sdk.region().map(Region::to_string).unwrap_or_default();
        let place = match self.sdk.endpoint_url() {
            Some(endpoint) => format!("this machine, {endpoint}"),
            None => format!("AWS, {region}"),
        };
        cli::note!("environment: {} ({place})", self.name());
    }

    /// A command to paste, in the form that its reader uses: `hint("trace ID")`.
    pub fn hint(&self, command: &str) -> String {
        self.hints.command(command)
    }

    /// The first part of every name.
    pub fn prefix(&self) -> Result<String> {
        let validator = self.output(output::VALIDATOR)?;
        Names::prefix_of(validator, "validator").map(str::to_owned).with_context(|| {
            format!("the validator's name, {validator}, is not of the form <project>-<environment>-validator")
        })
    }

    /// Now, in the time of metrics and alarms: the local stack's may run faster than this machine's.
    pub async fn metric_clock(&self) -> Result<MetricClock> {
        match self.sdk.endpoint_url().filter(|_| self.is_local()) {
            Some(endpoint) => local::metric_clock(endpoint).await,
            None => Ok(MetricClock { now: Timestamp::now(), scale: 1.0 }),
        }
    }

    /// Did the local stack's X-Ray hold this trace once, and make room for later ones? Nobody can tell on AWS.
    pub async fn trace_was_evicted(&self, trace_id: &str) -> Result<bool> {
        match self.sdk.endpoint_url().filter(|_| self.is_local()) {
            Some(endpoint) => local::was_evicted(endpoint, trace_id).await,
            None => Ok(false),
        }
    }

    /// What the local stack's X-Ray could not take; on AWS the functions' own metrics tell what is lost.
    pub(crate) async fn lost_traces(&self) -> Result<Option<LostTraces>> {
        match self.sdk.endpoint_url().filter(|_| self.is_local()) {
            Some(endpoint) => local::lost_traces(endpoint).await.map(Some),
            None => Ok(None),
        }
    }

    /// All of Terraform's outputs that are text.
    pub fn outputs(&self) -> &BTreeMap<String, String> {
        self.outputs.all()
    }

    /// One of Terraform's outputs; the local stack gives the same ones.
    pub fn output(&self, name: &str) -> Result<&str> {
        self.outputs.get(name).with_context(|| {
            let known: Vec<&str> = self.outputs().keys().map(String::as_str).collect();
            if self.is_local() && name == output::DASHBOARD_URL {
                return "the local stack has no CloudWatch console, so no dashboard_url".to_owned();
            }
            format!("environment {} has no output {name}. It has: {}", self.name(), known.join(", "))
        })
    }
}

/// Longer than any call waits for messages; a lost answer is one that never comes.
fn answer_within() -> Duration {
    let seconds = std::env::var("ORDERS_ANSWER_WITHIN_S").ok().and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(seconds.filter(|seconds| (1..=900).contains(seconds)).unwrap_or(30))
}

/// For a command line that names no environment, or one that there is not.
fn there_are(project: &Path, local_dir: &Path) -> String {
    let is_up = located(project, local_dir).join("outputs.json").is_file();
    let names: Vec<String> = known_environments(project)
        .iter()
        .map(|environment| match environment.is_local() {
            true => format!("{environment} (this machine, {})", if is_up { "up" } else { "not up: make local" }),
            false => environment.to_string(),
        })
        .collect();
    format!("There are: {}", names.join(", "))
}

/// The project that this folder is in, or this folder.
pub(crate) fn project() -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    let found = here.ancestors().find(|folder| folder.join("terraform/settings.json").is_file());
    found.map_or_else(|| here.clone(), Path::to_owned)
}

/// Within this folder as it was said, or within the project.
fn located(project: &Path, local_dir: &Path) -> PathBuf {
    if local_dir.exists() { local_dir.to_owned() } else { project.join(local_dir) }
}

type Read = (Outputs, ConfigLoader);
