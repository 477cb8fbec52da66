//! A stack, and the operator's command line for it.

use std::{
    collections::BTreeMap,
    ops::Deref,
    path::Path,
    process::Command,
    sync::Mutex,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::common;

/// A stack of a test's own.
pub(crate) struct Stack(common::Stack);

impl Deref for Stack {
    type Target = common::Stack;

    fn deref(&self) -> &common::Stack {
        &self.0
    }
}

impl Stack {
    pub(crate) async fn up() -> Self {
        Self(common::Stack::up().await)
    }

    /// With settings that a test has changed.
    pub(crate) async fn up_with(change: impl FnOnce(&mut Value)) -> Self {
        Self(common::Stack::up_changed(change, &[]).await)
    }

    /// A minute of metrics and alarms passes in a second.
    pub(crate) async fn up_fast(change: impl FnOnce(&mut Value)) -> Self {
        Self(common::Stack::up_changed(change, &["--time-scale", "60"]).await)
    }

    /// In three seconds, for alarms that are silent below so many requests a minute.
    pub(crate) async fn up_busy(change: impl FnOnce(&mut Value)) -> Self {
        Self(common::Stack::up_changed(change, &["--time-scale", "20"]).await)
    }

    /// `orders ARGS`: its exit code and what it prints.
    pub(crate) fn orders(&self, args: &[&str]) -> (i32, String) {
        orders_at(self.dir(), args)
    }

    /// `orders --json ARGS`, which prints one document, of the form that `orders schema` says.
    pub(crate) fn orders_json(&self, args: &[&str]) -> Value {
        let (_, out) = self.orders(&[&["--json"], args].concat());
        let document = serde_json::from_str(&out).unwrap_or_else(|error| panic!("orders {args:?}: {error}: {out}"));
        let words = if matches!(args[0], "dlq" | "consumer") { 2 } else { 1 };
        assert_documented(&args[..words], "document", &document);
        document
    }

    /// `orders --json ARGS`, which prints a document a line.
    pub(crate) fn orders_json_lines(&self, args: &[&str]) -> Vec<Value> {
        let (_, out) = self.orders(&[&["--json"], args].concat());
        let parsed =
            |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("orders {args:?}: {error}: {line}"));
        let lines: Vec<Value> = out.lines().map(parsed).collect();
        lines.iter().for_each(|line| assert_documented(&args[..1], "lines", line));
        lines
    }

    /// State of every alarm by its key, and since which minute.
    pub(crate) fn alarms(&self) -> BTreeMap<String, (String, f64)> {
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
    pub(crate) fn time(&self) -> f64 {
        let url = format!("{}/_local/metrics", self.sdk.endpoint_url().unwrap());
        let told: Value = ureq::get(url).call().unwrap().body_mut().read_json().unwrap();
        told["now"].as_f64().unwrap() / 60.0
    }

    /// An output, by Terraform's name.
    pub(crate) fn output(&self, name: &str) -> &str {
        &self.outputs[name]
    }

    /// Orders waiting, in flight, and dead.
    pub(crate) fn depths(&self) -> (u64, u64, u64) {
        let queues = self.orders_json(&["queue"]);
        let number = |queue: &str, name: &str| queues[queue][name].as_u64().unwrap();
        (number("orders", "waiting"), number("orders", "inFlight"), number("deadLetters", "waiting"))
    }
}

/// `orders ARGS`, for the stack of that folder, not started yet.
pub(crate) fn orders_command(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(tools().join("orders"));
    command.args(["--env", "local", "--local-dir"]).arg(dir).args(args);
    command
}

/// Holds what a command has printed against its contract.
pub(crate) fn assert_documented(command: &[&str], form: &str, document: &Value) {
    static SCHEMAS: Mutex<BTreeMap<String, Value>> = Mutex::new(BTreeMap::new());
    let asked = || {
        let output = Command::new(tools().join("orders")).arg("schema").args(command).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("orders schema {command:?}: {error}"))
    };
    let schema = SCHEMAS.lock().unwrap().entry(command.join(" ")).or_insert_with(asked).clone();
    assert_eq!(schema["x-form"], form, "{command:?}");
    let validator = jsonschema::validator_for(&schema).unwrap();
    let wrong: Vec<String> =
        validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "orders {command:?} --json is not what its schema says: {wrong:#?}\n{document:#}");
}

/// `orders ARGS`, for the stack of that folder.
pub(crate) fn orders_at(dir: &Path, args: &[&str]) -> (i32, String) {
    let output = orders_command(dir, args).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let code = output.status.code().unwrap();
    assert!(code < 2, "orders {args:?}: {}{}", text(&output.stdout), text(&output.stderr));
    (code, text(&output.stdout))
}

/// The tools' folder. Building `orders` here, alone, would build its dependencies anew with other features.
pub(crate) fn tools() -> &'static Path {
    let folder = Path::new(env!("CARGO_BIN_EXE_suite")).parent().unwrap();
    assert!(folder.join("orders").is_file(), "no `orders` beside `suite`: run `make tools` first, or `make test`");
    folder
}

/// Waits for something that must become true.
pub(crate) fn within<T>(seconds: u64, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(seconds), "not within {seconds} s: {what}");
        std::thread::sleep(Duration::from_millis(300));
    }
}
