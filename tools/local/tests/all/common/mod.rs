//! A stack of its own for a test: real processes on free ports, ended when the test is.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sqs::types::Message;

pub(crate) use crate::browser::skipped;

pub(crate) type Item = std::collections::HashMap<String, AttributeValue>;

pub(crate) const ORDER: &str = include_str!("../../../../orders/sample.json");

pub(crate) fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

pub(crate) struct Stack {
    folder: tempfile::TempDir,
    project: PathBuf,
    pub(crate) outputs: BTreeMap<String, String>,
    pub(crate) sdk: SdkConfig,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: serde_json::Value,
    pub(crate) headers: ureq::http::HeaderMap,
}

impl Stack {
    pub(crate) async fn up() -> Self {
        Self::up_with(&[]).await
    }

    pub(crate) async fn up_with(arguments: &[&str]) -> Self {
        Self::start(tempfile::tempdir().unwrap(), project(), arguments).await
    }

    /// With settings that a test has changed.
    pub(crate) async fn up_changed(change: impl FnOnce(&mut serde_json::Value), arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let copied = folder.path().join("project");
        for part in ["terraform", "dashboards", "runbooks", "tools/alarms/scenarios"] {
            copy(&project().join(part), &copied.join(part));
        }
        fs::copy(project().join(".alarms.yaml"), copied.join(".alarms.yaml")).unwrap();
        let path = copied.join("terraform/settings.json");
        let mut settings = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        change(&mut settings);
        fs::write(&path, settings.to_string()).unwrap();
        Self::start(folder, copied, arguments).await
    }

    async fn start(folder: tempfile::TempDir, project: PathBuf, arguments: &[&str]) -> Self {
        let output = run_up(folder.path(), &project, arguments);
        if !output.status.success() {
            // What a stack that did not come up has left is all there is to see.
            panic!("{}\nkept: {}", String::from_utf8_lossy(&output.stderr), folder.keep().display());
        }
        let (outputs, sdk) = attach(folder.path()).await;
        Self { folder, project, outputs, sdk }
    }

    /// After `up_again` the outputs may be other ones.
    pub(crate) async fn reattach(&mut self) {
        (self.outputs, self.sdk) = attach(self.dir()).await;
    }

    pub(crate) fn dir(&self) -> &Path {
        self.folder.path()
    }

    /// Runs `suite` for this stack.
    pub(crate) fn suite(&self, arguments: &[&str]) -> Output {
        suite(self.dir(), &self.project, arguments)
    }

    /// `suite up` again, for the same folder.
    pub(crate) fn up_again(&self) -> Output {
        run_up(self.dir(), &self.project, &[])
    }

    pub(crate) fn state_file(&self) -> serde_json::Value {
        serde_json::from_str(&fs::read_to_string(self.dir().join("stack.json")).unwrap()).unwrap()
    }

    /// Makes calls fail: `&["sqs:SendMessage", "throttle"]`.
    pub(crate) fn fault(&self, arguments: &[&str]) {
        let output = self.suite(&[&["fault"], arguments].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    pub(crate) fn post(&self, body: impl AsRef<[u8]>) -> Answer {
        self.request("POST", "", body.as_ref(), &[("content-type", "application/json")])
    }

    /// A request to `/orders`: status and headers, also of an answer without a body.
    pub(crate) fn ask(&self, method: &str, body: &[u8], headers: &[(&str, &str)]) -> (u16, ureq::http::HeaderMap) {
        let response = self.send(method, "", body, headers);
        (response.status().as_u16(), response.headers().clone())
    }

    /// A request to `/orders` or, with a suffix, to a path that begins with it.
    pub(crate) fn request(&self, method: &str, suffix: &str, body: &[u8], headers: &[(&str, &str)]) -> Answer {
        let mut response = self.send(method, suffix, body, headers);
        let text = response.body_mut().read_to_string().unwrap();
        Answer {
            status: response.status().as_u16(),
            body: serde_json::from_str(&text).unwrap_or_else(|_| panic!("no JSON: {text:?}")),
            headers: response.headers().clone(),
        }
    }

    fn send(
        &self,
        method: &str,
        suffix: &str,
        body: &[u8],
        headers: &[(&str, &str)],
    ) -> ureq::http::Response<ureq::Body> {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .timeout_global(Some(Duration::from_secs(30)))
            .build()
            .into();
        let mut request =
            ureq::http::Request::builder().method(method).uri(format!("{}{suffix}", self.outputs["api_url"]));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        agent.run(request.body(body).unwrap()).unwrap()
    }

    pub(crate) fn sqs(&self) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&self.sdk)
    }

    pub(crate) async fn item(&self, order_id: &str) -> Option<Item> {
        aws_sdk_dynamodb::Client::new(&self.sdk)
            .get_item()
            .table_name(&self.outputs["orders_table_name"])
            .key("orderId", AttributeValue::S(order_id.to_owned()))
            .send()
            .await
            .unwrap()
            .item
    }

    pub(crate) async fn stored(&self, order_id: &str) -> Item {
        wait_for(&format!("order {order_id} to be stored"), async || self.item(order_id).await).await
    }

    pub(crate) async fn count(&self) -> usize {
        let mut pages = aws_sdk_dynamodb::Client::new(&self.sdk)
            .scan()
            .table_name(&self.outputs["orders_table_name"])
            .into_paginator()
            .send();
        let mut count = 0;
        while let Some(page) = pages.next().await {
            count += usize::try_from(page.unwrap().count).unwrap();
        }
        count
    }

    /// Takes what is in the dead-letter queue now; it stays there, out of sight for a while.
    pub(crate) async fn dead_letters(&self) -> Vec<Message> {
        self.sqs()
            .receive_message()
            .queue_url(&self.outputs["orders_dlq_url"])
            .max_number_of_messages(10)
            .message_attribute_names("All")
            .message_system_attribute_names(aws_sdk_sqs::types::MessageSystemAttributeName::All)
            .send()
            .await
            .unwrap()
            .messages
            .unwrap_or_default()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        if self.dir().join("stack.json").exists() {
            self.suite(&["down"]);
        }
        // Its logs and outputs are what a failure is found by.
        if std::thread::panicking() {
            self.folder.disable_cleanup(true);
            eprintln!("the failed test's stack is kept: {}", self.folder.path().display());
        }
    }
}

async fn attach(dir: &Path) -> (BTreeMap<String, String>, SdkConfig) {
    let outputs = serde_json::from_str(&fs::read_to_string(dir.join("outputs.json")).unwrap()).unwrap();
    let env = variables(&fs::read_to_string(dir.join("env")).unwrap());
    let sdk = aws_config::defaults(BehaviorVersion::latest())
        .endpoint_url(&env["AWS_ENDPOINT_URL"])
        .region(Region::new(env["AWS_REGION"].clone()))
        .credentials_provider(aws_sdk_sqs::config::Credentials::new(
            &env["AWS_ACCESS_KEY_ID"],
            &env["AWS_SECRET_ACCESS_KEY"],
            None,
            None,
            "env",
        ))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .load()
        .await;
    (outputs, sdk)
}

pub(crate) fn suite(dir: &Path, project: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_suite"));
    command.arg("--dir").arg(dir).arg("--project").arg(project);
    command.args(arguments).output().unwrap()
}

/// The emulator's Python, which has botocore too.
pub(crate) fn python() -> PathBuf {
    std::env::var_os("LOCAL_PYTHON").map_or_else(|| project().join(".venv/bin/python"), PathBuf::from)
}

fn run_up(dir: &Path, project: &Path, arguments: &[&str]) -> Output {
    up_command(dir, project, arguments).output().unwrap()
}

/// `suite up` that goes on while the test does something else.
pub(crate) fn spawn_up(dir: &Path) -> Child {
    let mut command = up_command(dir, &project(), &[]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// `suite up` on a free port, with the packages and the emulator of this checkout.
pub(crate) fn up_command(dir: &Path, project: &Path, arguments: &[&str]) -> Command {
    let root = self::project();
    let dist = std::env::var_os("LOCAL_DIST").map_or_else(|| root.join("dist"), PathBuf::from);
    assert!(dist.join("validator.zip").exists(), "no packages to test: run `make package` first, or `make test`");
    let mut command = Command::new(env!("CARGO_BIN_EXE_suite"));
    command.arg("--dir").arg(dir).arg("--project").arg(project);
    command.args(["up", "--port", "0", "--project-name", "order-processing", "--region", "us-east-1", "--dist"]);
    command.arg(dist);
    if !arguments.contains(&"--python") {
        command.arg("--python").arg(python());
    }
    command.args(arguments);
    command
}

/// A Python that finds the emulator with parts taken away or changed, as another version of it would have them. None where
/// there is no Python to copy.
pub(crate) fn python_with_other_emulator() -> Option<(tempfile::TempDir, PathBuf)> {
    let folder = tempfile::tempdir().ok()?;
    let python = python();
    // Runs before anything is checked.
    let wrapper = folder.path().join("python");
    let changes = folder.path().join("other_version.py");
    fs::write(
        &changes,
        "from ministack.services import lambda_svc, sqs\ndel sqs._dlq_sweep\nlambda_svc._acquire_execution_slot = lambda func: None\n",
    )
    .ok()?;
    let script = format!(
        "#!/bin/sh\nPYTHONPATH=\"$PYTHONPATH:{}\" exec {} -c 'import other_version, runpy; runpy.run_module(\"emulator\", run_name=\"__main__\")'\n",
        folder.path().display(),
        python.display()
    );
    fs::write(&wrapper, script).ok()?;
    fs::set_permissions(&wrapper, std::os::unix::fs::PermissionsExt::from_mode(0o755)).ok()?;
    Some((folder, wrapper))
}

pub(crate) fn copy(from: &Path, to: &Path) {
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

fn variables(env: &str) -> BTreeMap<String, String> {
    env.lines()
        .filter_map(|line| line.strip_prefix("export ")?.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned()))
        .collect()
}

/// Asks until there is an answer.
pub(crate) async fn wait_for<T>(what: &str, ask: impl AsyncFn() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        // Far more than it takes: a busy machine is no fault of the stack's.
        assert!(begun.elapsed() < Duration::from_secs(180), "waited 180 s for {what}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
