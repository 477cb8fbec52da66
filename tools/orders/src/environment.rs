//! An environment: its outputs, and the way to its services. Only here do AWS and the local stack differ.

use std::{collections::BTreeMap, fs, io::ErrorKind, path::Path, process::Command};

use anyhow::{Context as _, Result, bail};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use serde_json::Value;

/// The name of the local stack's environment.
pub(crate) const LOCAL: &str = "local";

pub(crate) struct Environment {
    pub(crate) name: String,
    outputs: BTreeMap<String, String>,
    pub(crate) sdk: SdkConfig,
}

impl Environment {
    pub(crate) async fn read(name: &str, local_dir: &Path) -> Result<Self> {
        let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
        let loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http);
        let (outputs, loader) = if name == LOCAL {
            let (outputs, variables) = local(local_dir)?;
            let variable = |name: &str| {
                variables.get(name).cloned().with_context(|| format!("{}/env has no {name}", local_dir.display()))
            };
            let credentials = aws_sdk_sqs::config::Credentials::new(
                variable("AWS_ACCESS_KEY_ID")?,
                variable("AWS_SECRET_ACCESS_KEY")?,
                None,
                None,
                "local stack",
            );
            let endpoint = variable("AWS_ENDPOINT_URL")?;
            tokio::task::spawn_blocking({
                let endpoint = endpoint.clone();
                move || is_well(&endpoint)
            })
            .await??;
            let loader = loader
                .endpoint_url(endpoint)
                .region(Region::new(variable("AWS_REGION")?))
                .credentials_provider(credentials);
            (outputs, loader)
        } else {
            let outputs = terraform_outputs(name)?;
            // Where the environment is, and not where this shell happens to be.
            let region = outputs.get("page_topic_arn").and_then(|arn| arn.split(':').nth(3)).map(str::to_owned);
            let loader = match region {
                Some(region) => loader.region(Region::new(region)),
                None => loader,
            };
            (outputs, loader)
        };
        Ok(Self { name: name.to_owned(), outputs, sdk: loader.load().await })
    }

    /// The first part of every name.
    pub(crate) fn prefix(&self) -> Result<String> {
        let validator = self.output("validator_lambda_name")?;
        validator.strip_suffix("-validator").map(str::to_owned).with_context(|| {
            format!("the validator's name, {validator}, is not of the form <project>-<environment>-validator")
        })
    }

    /// Now, in the time of metrics and alarms: the local stack's may run faster than this machine's.
    pub(crate) async fn metric_now(&self) -> Result<i64> {
        let Some(endpoint) = self.sdk.endpoint_url().filter(|_| self.name == LOCAL) else {
            return Ok(jiff::Timestamp::now().as_second());
        };
        let url = format!("{endpoint}/_local/metrics");
        let answer: Value = tokio::task::spawn_blocking(move || {
            ureq::get(url).call().and_then(|mut answer| answer.body_mut().read_json())
        })
        .await?
        .context("the local stack does not tell its time: run `make local`")?;
        #[expect(clippy::cast_possible_truncation, reason = "epoch seconds")]
        answer["now"].as_f64().map(|now| now.floor() as i64).context("the local stack tells no time")
    }

    /// All of Terraform's outputs that are text.
    pub(crate) fn outputs(&self) -> &BTreeMap<String, String> {
        &self.outputs
    }

    /// One of Terraform's outputs; the local stack gives the same ones.
    pub(crate) fn output(&self, name: &str) -> Result<&str> {
        self.outputs.get(name).map(String::as_str).with_context(|| {
            if self.name == LOCAL && name == "dashboard_url" {
                return "the local stack has no CloudWatch console, so no dashboard_url".to_owned();
            }
            format!("environment {} has no output {name}: run `make deploy ENVIRONMENT={}` again", self.name, self.name)
        })
    }
}

/// Asked first: what the SDK would say of a stack that has ended helps nobody.
fn is_well(endpoint: &str) -> Result<()> {
    let answer = ureq::get(format!("{endpoint}/_local/health")).call();
    let health: Value = answer
        .and_then(|mut answer| answer.body_mut().read_json())
        .with_context(|| format!("the local stack at {endpoint} has ended: run `make local`"))?;
    if health["emulator_is_up"] != true {
        bail!("the local stack's emulator has ended: run `make local`, which starts it again");
    }
    Ok(())
}

type Variables = BTreeMap<String, String>;

fn local(dir: &Path) -> Result<(Variables, Variables)> {
    let read = |name: &str| {
        let path = dir.join(name);
        match fs::read_to_string(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                bail!("no local stack is up in {}: run `make local`", dir.display())
            }
            read => read.with_context(|| format!("can't read {}", path.display())),
        }
    };
    let outputs = serde_json::from_str(&read("outputs.json")?).with_context(|| {
        format!("{} is broken: run `make destroy ENVIRONMENT=local` and `make local`", dir.display())
    })?;
    let variables = read("env")?
        .lines()
        .filter_map(|line| line.strip_prefix("export ")?.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned()))
        .collect();
    Ok((outputs, variables))
}

fn terraform_outputs(environment: &str) -> Result<Variables> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if environment.is_empty() || !environment.chars().all(is_plain) {
        bail!("{environment} is no environment's name: lower-case letters, digits and dashes, such as prod");
    }
    if !Path::new("terraform/outputs.tf").is_file() {
        bail!("no terraform/ here, which knows the environment's outputs: run it from the project's folder");
    }
    let output = Command::new("terraform")
        .args(["-chdir=terraform", "output", "-json", "-no-color"])
        .env("TF_WORKSPACE", environment)
        .output()
        .context("can't run terraform, which knows the environment's outputs: `make doctor` tells how to get it")?;
    if !output.status.success() {
        bail!(
            "terraform knows no environment {environment}: run `make deploy ENVIRONMENT={environment}` first\n{}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    let outputs: BTreeMap<String, Value> =
        serde_json::from_slice(&output.stdout).context("terraform's outputs are no JSON")?;
    if outputs.is_empty() {
        bail!("environment {environment} is not deployed: run `make deploy ENVIRONMENT={environment}`");
    }
    Ok(outputs.into_iter().filter_map(|(name, output)| Some((name, output["value"].as_str()?.to_owned()))).collect())
}
