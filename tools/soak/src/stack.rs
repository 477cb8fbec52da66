//! A local stack of its own, and the operator's commands on it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use aws_config::{BehaviorVersion, Region, SdkConfig, timeout::TimeoutConfig};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use suite::{LOCAL, Names, Outputs, StateFiles, output};
use tokio::{
    process::{Child, Command},
    time::{Instant, sleep},
};

use crate::options::Options;

/// What differs from production, so that minutes of retries pass in seconds. Told in the report.
pub(crate) const CHANGED: [(&str, u64); 4] = [
    ("/queue/visibility_timeout_s", 8),
    ("/queue/max_receive_count", 3),
    ("/functions/processor/environment/RETRY_BASE_S", 1),
    ("/functions/processor/environment/RETRY_MAX_S", 2),
];

/// A stack that is up; ended by [`Stack::down`], or with this process.
#[derive(Debug)]
pub(crate) struct Stack {
    tools: PathBuf,
    dir: PathBuf,
    project: PathBuf,
    pub(crate) outputs: Outputs,
    pub(crate) names: Names,
    pub(crate) sdk: SdkConfig,
    emulator: Pid,
}

impl Stack {
    pub(crate) async fn up(options: &Options) -> Result<Self> {
        let (dir, project) = (options.dir.join("stack"), options.dir.join("project"));
        copy_project(&options.project, &project)?;
        let python = options.project.join(".venv/bin/python");
        let mut up = command(&options.tools, "suite")?;
        up.arg("--dir").arg(&dir).arg("--project").arg(&project).args(["up", "--port", "0", "--time-scale"]);
        up.arg(options.time_scale.to_string()).arg("--dist").arg(&options.dist);
        if std::env::var_os("LOCAL_PYTHON").is_none() {
            up.arg("--python").arg(fs::canonicalize(&python).map_or(python.clone(), |_| absolute(&python)));
        }
        let told = up.args(["--project-name", PROJECT, "--region", REGION]).output().await?;
        done(told).context("the stack does not start")?;
        let files = StateFiles::in_folder(&dir);
        let outputs = Outputs::from_state(&fs::read_to_string(files.outputs())?)?;
        let env = StateFiles::env_variables(&fs::read_to_string(files.env())?);
        let state: Value = serde_json::from_str(&fs::read_to_string(dir.join("stack.json"))?)?;
        let emulator = state["emulator_pid"].as_i64().and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
        Ok(Self {
            tools: options.tools.clone(),
            dir,
            project,
            outputs,
            names: Names::new(PROJECT, LOCAL, REGION),
            sdk: sdk(&env).await?,
            emulator: emulator.context("the stack does not say which process its emulator is")?,
        })
    }

    pub(crate) fn output(&self, name: &str) -> Result<&str> {
        self.outputs.get(name).with_context(|| format!("the stack has no output {name}"))
    }

    pub(crate) fn queue_url(&self) -> Result<&str> {
        self.output(output::QUEUE_URL)
    }

    /// Runs `suite` to its end.
    pub(crate) async fn suite(&self, arguments: &[&str]) -> Result<()> {
        let mut suite = command(&self.tools, "suite")?;
        done(suite.arg("--dir").arg(&self.dir).arg("--project").arg(&self.project).args(arguments).output().await?)
    }

    /// `orders`, not started yet.
    pub(crate) fn orders(&self, arguments: &[&str]) -> Result<Command> {
        let mut orders = command(&self.tools, "orders")?;
        orders.args(["--env", LOCAL, "--local-dir"]).arg(&self.dir).args(arguments);
        Ok(orders)
    }

    /// Runs `orders` to its end, again if it could not run: the emulator may stand still. 1 is an answer too.
    pub(crate) async fn operate(&self, arguments: &[&str]) -> Result<()> {
        let begun = Instant::now();
        loop {
            let told = self.orders(arguments)?.output().await?;
            match told.status.code() {
                Some(0 | 1) => return Ok(()),
                _ if begun.elapsed() > OPERATED_WITHIN => return done(told),
                _ => sleep(Duration::from_secs(1)).await,
            }
        }
    }

    /// The emulator stands still, or goes on.
    pub(crate) fn stall(&self, still: bool) -> Result<()> {
        let signal = if still { Signal::STOP } else { Signal::CONT };
        kill_process(self.emulator, signal).context("the emulator has ended")
    }

    pub(crate) async fn down(&self) -> Result<()> {
        self.suite(&["down"]).await
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if self.dir.join("stack.json").exists() {
            // After a failure, which is told already.
            let mut suite = std::process::Command::new(self.tools.join("suite"));
            let _ = suite.arg("--dir").arg(&self.dir).arg("--project").arg(&self.project).arg("down").output();
        }
    }
}

/// On a busy machine an emulator takes its time.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);
const OPERATED_WITHIN: Duration = Duration::from_secs(90);
const PROJECT: &str = "order-processing";
const REGION: &str = "us-east-1";

/// The tools that were built with this one.
fn command(tools: &Path, name: &str) -> Result<Command> {
    let program = tools.join(name);
    if !program.is_file() {
        bail!("no `{name}` beside this program: run `make soak`, which builds both");
    }
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).kill_on_drop(true);
    Ok(command)
}

fn done(told: Output) -> Result<()> {
    if told.status.success() {
        return Ok(());
    }
    bail!("{}: {}", told.status, String::from_utf8_lossy(&told.stderr).trim_end())
}

fn absolute(path: &Path) -> PathBuf {
    // Not canonical: a link in a virtual environment is what makes it one.
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The files that a stack is made from, with what this run changes in them.
fn copy_project(from: &Path, to: &Path) -> Result<()> {
    for part in ["terraform", "dashboards"] {
        copy(&from.join(part), &to.join(part)).with_context(|| format!("can't copy {}", from.join(part).display()))?;
    }
    let path = to.join("terraform/settings.json");
    let mut settings: Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
    for (place, value) in CHANGED {
        let setting = settings.pointer_mut(place).with_context(|| format!("settings.json has no {place}"))?;
        *setting = if setting.is_string() { json!(value.to_string()) } else { json!(value) };
    }
    fs::write(&path, settings.to_string())?;
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.file_type()? {
            // What Terraform keeps there is large, and nobody's business here.
            kind if kind.is_dir() && entry.file_name() != ".terraform" => copy(&entry.path(), &target)?,
            kind if kind.is_file() => drop(fs::copy(entry.path(), target)?),
            _ => {}
        }
    }
    Ok(())
}

async fn sdk(env: &BTreeMap<String, String>) -> Result<SdkConfig> {
    let variable = |name: &str| env.get(name).cloned().with_context(|| format!("the stack's env has no {name}"));
    let keys = aws_sdk_sqs::config::Credentials::new(
        variable("AWS_ACCESS_KEY_ID")?,
        variable("AWS_SECRET_ACCESS_KEY")?,
        None,
        None,
        "stack",
    );
    let timeouts =
        TimeoutConfig::builder().operation_attempt_timeout(ANSWER_WITHIN).operation_timeout(ANSWER_WITHIN * 3).build();
    Ok(aws_config::defaults(BehaviorVersion::latest())
        .endpoint_url(variable("AWS_ENDPOINT_URL")?)
        .region(Region::new(variable("AWS_REGION")?))
        .credentials_provider(keys)
        .timeout_config(timeouts)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .load()
        .await)
}

/// Ends a command as a machine that fails would, or as a person's shell does.
pub(crate) async fn end(child: &mut Child, by_kill: bool) -> Result<()> {
    let pid = child.id().and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
    if let Some(pid) = pid {
        kill_process(pid, if by_kill { Signal::KILL } else { Signal::TERM }).context("the command has ended")?;
    }
    child.wait().await?;
    Ok(())
}
