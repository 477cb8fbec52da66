//! A local stack of the real binary, the real emulator and the real packages, in a folder and on a port of its own.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

#[derive(Debug)]
pub(crate) struct Stack {
    dir: tempfile::TempDir,
    pub(crate) api_url: String,
    env: BTreeMap<String, String>,
}

impl Stack {
    /// Up, and one order has gone through it.
    pub(crate) fn up() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let project = project();
        let python = std::env::var_os("LOCAL_PYTHON").map_or_else(|| project.join(".venv/bin/python"), PathBuf::from);
        let mut stack = Self { dir, api_url: String::new(), env: BTreeMap::new() };
        let up = stack.local(|command| {
            command.args(["up", "--port", "0", "--python"]).arg(&python).arg("--dist").arg(project.join("dist"))
        });
        assert!(
            up.status.success(),
            "`make package` makes what this needs\n{}\n{}",
            String::from_utf8_lossy(&up.stderr),
            stack.file("plane.log")
        );
        stack.api_url = String::from_utf8(up.stdout).unwrap().trim().to_owned();
        stack.env = stack
            .file("env")
            .lines()
            .filter_map(|line| line.strip_prefix("export ")?.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned()))
            .collect();
        stack
    }

    /// One of `.local/env`.
    pub(crate) fn variable(&self, name: &str) -> &str {
        self.env.get(name).unwrap_or_else(|| panic!("the env file has no {name}"))
    }

    pub(crate) fn health(&self) -> Value {
        let url = format!("{}/_local/health", self.variable("AWS_ENDPOINT_URL"));
        ureq::get(&url).call().unwrap().body_mut().read_json().unwrap()
    }

    /// As any client finds it: through the variables.
    pub(crate) fn xray(&self) -> aws_sdk_xray::Client {
        use aws_sdk_xray::config::{BehaviorVersion, Credentials, Region};
        let credentials = Credentials::new(
            self.variable("AWS_ACCESS_KEY_ID"),
            self.variable("AWS_SECRET_ACCESS_KEY"),
            None,
            None,
            "test",
        );
        let config = aws_sdk_xray::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(self.variable("AWS_ENDPOINT_URL_XRAY"))
            .region(Region::new(self.variable("AWS_REGION").to_owned()))
            .credentials_provider(credentials)
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        aws_sdk_xray::Client::from_conf(config)
    }

    fn local(&self, args: impl FnOnce(&mut Command) -> &mut Command) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
        command.arg("--dir").arg(self.dir.path()).arg("--project").arg(project());
        args(&mut command).output().unwrap()
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.dir.path().join(name)).unwrap_or_default()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let down = self.local(|command| command.arg("down"));
        if !std::thread::panicking() {
            assert!(down.status.success(), "{}", String::from_utf8_lossy(&down.stderr));
        }
    }
}

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
