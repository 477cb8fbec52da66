//! Commands to paste: with the environment, and in the form that their reader has used, make's or this tool's.

use std::path::Path;

use suite::Environment;

/// The Makefile says so of itself.
const BY_MAKE: &str = "ORDERS_BY_MAKE";

/// Where the local stack keeps its state if nobody says otherwise.
const LOCAL_DIR: &str = ".local";

#[derive(Debug)]
pub(super) struct Hints {
    environment: String,
    /// As it was called.
    program: String,
    by_make: bool,
    /// Of a stack that is kept elsewhere.
    local_dir: Option<String>,
}

impl Hints {
    pub(super) fn of(environment: &Environment, local_dir: &Path) -> Self {
        let elsewhere = environment.is_local() && local_dir != Path::new(LOCAL_DIR);
        Self {
            environment: environment.to_string(),
            program: std::env::args().next().unwrap_or_else(|| "orders".to_owned()),
            by_make: std::env::var_os(BY_MAKE).is_some_and(|value| !value.is_empty()),
            local_dir: elsewhere.then(|| local_dir.display().to_string()),
        }
    }

    pub(super) fn command(&self, command: &str) -> String {
        let dir = |name: &str| self.local_dir.as_ref().map(|dir| format!(" {name}{dir}")).unwrap_or_default();
        match target(command).filter(|_| self.by_make) {
            Some(target) => format!("make {target} ENVIRONMENT={}{}", self.environment, dir("LOCAL_DIR=")),
            None => format!("{} --env {}{} {command}", self.program, self.environment, dir("--local-dir ")),
        }
    }
}

/// The make target that does the same, if there is one.
fn target(command: &str) -> Option<String> {
    let words: Vec<&str> = command.split(' ').collect();
    Some(match words.as_slice() {
        ["trace", id] => format!("trace ORDER={id}"),
        ["find", id] => format!("find ORDER={id}"),
        ["queue"] => "sqs-status".to_owned(),
        ["dlq", "list"] => "dlq".to_owned(),
        ["scan"] => "dynamodb-scan".to_owned(),
        ["send"] => "test-api".to_owned(),
        ["logs", function @ ("validator" | "processor")] => format!("logs-{function}"),
        [same @ ("status" | "alarms" | "outputs" | "slo" | "cost")] => (*same).to_owned(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_can_be_pasted_as_it_is() {
        let hints =
            |by_make| Hints { environment: "prod".into(), program: "bin/orders".into(), by_make, local_dir: None };
        assert_eq!(hints(false).command("trace a-b"), "bin/orders --env prod trace a-b");
        assert_eq!(hints(true).command("trace a-b"), "make trace ORDER=a-b ENVIRONMENT=prod");
        assert_eq!(hints(true).command("dlq redrive --dry-run"), "bin/orders --env prod dlq redrive --dry-run");
        let local = Hints { environment: "local".into(), local_dir: Some("/tmp/x".into()), ..hints(false) };
        assert_eq!(local.command("queue"), "bin/orders --env local --local-dir /tmp/x queue");
    }
}
