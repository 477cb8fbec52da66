//! A local stack for one test: on a free port, in a folder of its own, and gone when the test is over.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::{Duration, Instant},
};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use serde_json::Value;

/// A stack that is up.
pub struct Stack {
    dir: tempfile::TempDir,
    project: PathBuf,
    outputs: Value,
}

impl Stack {
    /// With the project's settings.
    pub fn up() -> Self {
        Self::start(root(), tempfile::tempdir().unwrap(), &[])
    }

    /// With settings that a test has changed.
    pub fn up_with(change: impl FnOnce(&mut Value)) -> Self {
        Self::start_with(change, &[])
    }

    /// A minute of metrics and alarms passes in a second.
    pub fn up_fast() -> Self {
        Self::up_fast_with(|_| {})
    }

    pub fn up_fast_with(change: impl FnOnce(&mut Value)) -> Self {
        Self::start_with(change, &["--time-scale", "60"])
    }

    /// In three seconds, for alarms that are silent below so many requests a minute.
    pub fn up_busy() -> Self {
        Self::up_busy_with(|_| {})
    }

    pub fn up_busy_with(change: impl FnOnce(&mut Value)) -> Self {
        Self::start_with(change, &["--time-scale", "20"])
    }

    fn start_with(change: impl FnOnce(&mut Value), more: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let project = dir.path().join("project");
        for folder in ["terraform", "dashboards"] {
            copy(&root().join(folder), &project.join(folder));
        }
        let path = project.join("terraform/settings.json");
        let mut settings: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        change(&mut settings);
        fs::write(&path, settings.to_string()).unwrap();
        Self::start(project, dir, more)
    }

    fn start(project: PathBuf, dir: tempfile::TempDir, more: &[&str]) -> Self {
        let python = std::env::var_os("LOCAL_PYTHON").map_or_else(|| root().join(".venv/bin/python"), PathBuf::from);
        let mut stack = Self { dir, project, outputs: Value::Null };
        let dist = std::env::var_os("LOCAL_DIST").map_or_else(|| root().join("dist"), PathBuf::from);
        let up = ["up", "--port", "0"].iter().chain(more).map(OsStr::new);
        let output = stack.local(up.chain(["--python".as_ref(), python.as_ref(), "--dist".as_ref(), dist.as_ref()]));
        assert!(output.status.success(), "local up: {}\n`make package` makes what it needs", text(&output.stderr));
        let path = stack.state().join("outputs.json");
        stack.outputs = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        stack
    }

    /// Where the stack keeps its state.
    pub fn state(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    /// `local ARGS`.
    pub fn local(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
        command.arg("--dir").arg(self.state()).arg("--project").arg(&self.project);
        command.args(args).output().unwrap()
    }

    /// `orders ARGS`: its exit code and what it prints.
    pub fn orders(&self, args: &[&str]) -> (i32, String) {
        Self::orders_at(&self.state(), args)
    }

    /// `orders ARGS`, for the stack of that folder.
    pub fn orders_at(state: &Path, args: &[&str]) -> (i32, String) {
        let output = Command::new(tools().join("orders"))
            .args(["--env", "local", "--local-dir"])
            .arg(state)
            .args(args)
            .output()
            .unwrap();
        let code = output.status.code().unwrap();
        assert!(code < 2, "orders {args:?}: {}{}", text(&output.stdout), text(&output.stderr));
        (code, text(&output.stdout))
    }

    /// `orders --json ARGS`.
    pub fn orders_json(&self, args: &[&str]) -> Value {
        let (_, out) = self.orders(&[&["--json"], args].concat());
        serde_json::from_str(&out).unwrap_or_else(|error| panic!("orders {args:?}: {error}: {out}"))
    }

    /// State of every alarm by its key, and since which minute.
    pub fn alarms(&self) -> BTreeMap<String, (String, f64)> {
        let alarms = self.orders_json(&["alarms"]);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        alarms
            .as_array()
            .unwrap()
            .iter()
            .map(|alarm| {
                let since: jiff::Timestamp = text(&alarm["since"]).parse().unwrap();
                let key = text(&alarm["name"]).trim_start_matches("order-processing-local-").to_owned();
                (key, (text(&alarm["state"]), since.as_duration().as_secs_f64() / 60.0))
            })
            .collect()
    }

    /// Of metrics and alarms, in minutes.
    pub fn time(&self) -> f64 {
        let url = format!("{}/_local/metrics", self.endpoint());
        let told: Value = ureq::get(url).call().unwrap().body_mut().read_json().unwrap();
        told["now"].as_f64().unwrap() / 60.0
    }

    fn endpoint(&self) -> String {
        let env = fs::read_to_string(self.state().join("env")).unwrap();
        let endpoint = env.lines().find_map(|line| line.strip_prefix("export AWS_ENDPOINT_URL=")).unwrap();
        endpoint.trim_matches('\'').to_owned()
    }

    /// An output, by Terraform's name.
    pub fn output(&self, name: &str) -> &str {
        self.outputs[name].as_str().unwrap()
    }

    /// For the services' own clients.
    pub async fn sdk(&self) -> SdkConfig {
        aws_config::defaults(BehaviorVersion::latest())
            .endpoint_url(self.endpoint())
            .region(Region::new("us-east-1"))
            .credentials_provider(aws_sdk_sqs::config::Credentials::new("test", "test", None, None, "test"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .load()
            .await
    }

    /// Orders waiting, in flight, and dead.
    pub fn depths(&self) -> (u64, u64, u64) {
        let queues = self.orders_json(&["queue"]);
        let number = |queue: &str, name: &str| queues[queue][name].as_u64().unwrap();
        (number("orders", "waiting"), number("orders", "inFlight"), number("deadLetters", "waiting"))
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let output = self.local(["down"]);
        if !output.status.success() {
            eprintln!("local down: {}", text(&output.stderr));
        }
    }
}

/// The tools' folder. Building `orders` here, alone, would build its dependencies anew with other features.
pub fn tools() -> &'static Path {
    let folder = Path::new(env!("CARGO_BIN_EXE_local")).parent().unwrap();
    assert!(folder.join("orders").is_file(), "no `orders` beside `local`: run `make tools` first, or `make test`");
    folder
}

/// Of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Waits for something that must become true.
pub fn within<T>(seconds: u64, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(seconds), "not within {seconds} s: {what}");
        std::thread::sleep(Duration::from_millis(300));
    }
}

/// What a program printed.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap() {
            kind if kind.is_dir() => copy(&entry.path(), &target),
            _ => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}
