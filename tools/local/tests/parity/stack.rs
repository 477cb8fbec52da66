//! A stack of the test's own: a folder, a free port, and nothing left of it.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::{Resources, terraform::project};

/// Ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Stack(tempfile::TempDir);

impl Stack {
    /// Or why it can't be had.
    pub(crate) fn up() -> Result<Self, String> {
        let python = std::env::var_os("LOCAL_PYTHON").map_or_else(|| project().join(".venv/bin/python"), PathBuf::from);
        let packages = project().join("dist");
        for (needed, target) in [(python.as_path(), "install"), (&packages.join("validator.zip"), "package")] {
            if !needed.exists() {
                return Err(format!("{} is missing: run `make {target}`", needed.display()));
            }
        }
        let stack = Self(tempfile::tempdir().expect("a temporary folder"));
        let up = stack.run(&["up", "--port", "0", "--python", path(&python), "--dist", path(&packages)]);
        assert!(up.status.success(), "local up: {}", String::from_utf8_lossy(&up.stderr));
        Ok(stack)
    }

    pub(crate) fn describe(&self) -> Resources {
        let output = self.run(&["describe"]);
        assert!(output.status.success(), "local describe: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_local"))
            .args(["--dir", path(self.0.path()), "--project", path(project())])
            .args(arguments)
            .env_remove("PROJECT_NAME")
            .env_remove("AWS_REGION")
            .output()
            .expect("local runs")
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.run(&["down"]);
    }
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a path that is text")
}

/// Said past the test harness, which keeps what a passing test prints to itself.
pub(crate) fn skipped(why: &str) {
    writeln!(std::io::stderr(), "skipped: parity of Terraform and the local stack: {why}").expect("standard error");
}
