//! What Terraform itself applies to a local stack, by the released provider: a second run finds nothing to change, and a renamed
//! alarm goes in the order that CloudWatch demands.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use crate::common::{self, project, skipped};

/// A copy of the project, provisioned by `scripts/provision-local`; its stack ends with it.
struct Copy {
    folder: tempfile::TempDir,
}

impl Copy {
    fn make() -> Self {
        let copy = Self { folder: tempfile::tempdir().expect("a folder") };
        for part in ["terraform", "dashboards", "scripts"] {
            common::copy(&project().join(part), &copy.path(part));
        }
        for part in ["dist", ".venv"] {
            symlink(project().join(part), copy.path(part)).expect("a link");
        }
        copy
    }

    fn path(&self, part: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(part)
    }

    /// What Terraform prints, or why it can't be had.
    fn provision(&self) -> Result<String, String> {
        let output = Command::new(self.path("scripts/provision-local"))
            .env("LOCAL_DIR", self.path("stack"))
            .env("LOCAL_PORT", "0")
            .env("SUITE", env!("CARGO_BIN_EXE_suite"))
            .env("TF_CLI_ARGS", "-no-color")
            .output()
            .expect("scripts/provision-local runs");
        let said = String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(0) => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            Some(2) => Err(said.lines().last().unwrap_or_default().to_owned()),
            _ => panic!("scripts/provision-local: {said}"),
        }
    }

    fn change(&self, file: &str, replacements: &[(&str, &str)]) {
        let text = fs::read_to_string(self.path(file)).expect("a file");
        let changed = replacements.iter().fold(text.clone(), |text, (old, new)| text.replace(old, new));
        assert_ne!(text, changed, "{file} has none of {replacements:?}");
        fs::write(self.path(file), changed).expect("space");
    }

    fn answer(&self, method: &str) -> u16 {
        let outputs = fs::read(self.path("stack/outputs.json")).expect("outputs");
        let outputs: serde_json::Value = serde_json::from_slice(&outputs).expect("JSON");
        let request = ureq::http::Request::builder().method(method).uri(outputs["api_url"].as_str().expect("a URL"));
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        agent.run(request.body(()).expect("a request")).expect("an answer").status().as_u16()
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let mut down = Command::new(env!("CARGO_BIN_EXE_suite"));
        drop(down.arg("--dir").arg(self.path("stack")).arg("down").output());
    }
}

#[test]
fn terraform_applies_the_suite_once_and_renames_an_alarm_in_order() {
    let copy = Copy::make();
    if let Err(why) = copy.provision() {
        return skipped(&format!("the suite applied by Terraform (tools/local/tests/all/applied.rs): {why}"));
    }

    let again = copy.provision().expect("as before");
    assert!(again.contains("No changes."), "the second run changes what the first has made:\n{again}");
    assert_eq!((copy.answer("GET"), copy.answer("PUT")), (405, 405));

    copy.change(
        "terraform/alarms.yaml",
        &[("\n  queue-age:", "\n  oldest-order:"), ("-queue-age\\\"", "-oldest-order\\\"")],
    );
    copy.change("dashboards/orders.json", &[("${prefix}-queue-age", "${prefix}-oldest-order")]);
    let renamed = copy.provision().expect("as before");
    let at = |what: &str| renamed.find(what).unwrap_or_else(|| panic!("no {what} in:\n{renamed}"));
    let made = at("aws_cloudwatch_metric_alarm.this[\"oldest-order\"]: Creation complete");
    let named = at("aws_cloudwatch_composite_alarm.this[\"processing-failing\"]: Modifications complete");
    let gone = at("aws_cloudwatch_metric_alarm.this[\"queue-age\"]: Destroying");
    assert!(made < named && named < gone, "CloudWatch deletes no alarm that a composite names:\n{renamed}");
}
