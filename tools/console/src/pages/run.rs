//! Running a block of a runbook: what came, and whether it is as the page says.

use std::{process::Stdio, time::Duration};

use anyhow::{Context as _, Result};
use orders::Environment;
use runbooks::{Block, Kind};
use serde::Serialize;
use tokio::{process::Command, time::timeout};

use crate::ask::Ask;

/// A page's command that takes longer has hung.
const WITHIN: Duration = Duration::from_secs(240);
/// More output is nobody's to read.
const MOST: usize = 200_000;

/// What a block did.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ran {
    pub(super) line: usize,
    pub(super) output: String,
    pub(super) errors: String,
    /// Why it is not as the page says.
    pub(super) problem: Option<String>,
}

/// The variables that a block's commands have.
pub(super) fn variables(block: &Block) -> Vec<&'static str> {
    ["ORDER_ID", "MESSAGE_ID", "ALARM"]
        .into_iter()
        .filter(|name| block.commands.iter().any(|command| command.contains(&format!("${name}"))))
        .collect()
}

/// Runs a block, as it stands on its page, for this environment.
pub(super) async fn execute(environment: &Environment, ask: &Ask, block: &Block) -> Result<Ran> {
    let tools = std::env::current_exe().context("can't tell where the tools are")?;
    let tools = tools.parent().context("can't tell where the tools are")?;
    let mut path = tools.as_os_str().to_owned();
    if let Some(rest) = std::env::var_os("PATH") {
        path.push(":");
        path.push(rest);
    }
    let (mut output, mut errors, mut problem) = (String::new(), String::new(), None);
    for command in &block.commands {
        // A page's form has been checked: `orders` and `make` alone, one plain command a line.
        let mut shell = Command::new("sh");
        shell
            .args(["-c", command])
            .current_dir(environment.project())
            .env("PATH", &path)
            .env("ENVIRONMENT", environment.name())
            .env("LOCAL_DIR", std::path::absolute(environment.local_dir())?)
            .env("ORDERS_YES", "1")
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        for name in variables(block) {
            // As a variable's value it is one word, whatever is in it.
            shell.env(name, orders::trace::id(ask.field(name).with_context(|| format!("{name} is missing"))?)?);
        }
        let ran = timeout(WITHIN, shell.output())
            .await
            .with_context(|| format!("`{command}` takes longer than {} s", WITHIN.as_secs()))??;
        output.push_str(&String::from_utf8_lossy(&ran.stdout));
        errors.push_str(&String::from_utf8_lossy(&ran.stderr));
        let most = if block.kind == Kind::Run { 1 } else { 0 };
        if ran.status.code().is_none_or(|code| code > most) {
            problem = Some(format!("`{command}` ended with {}", ran.status));
            break;
        }
    }
    if problem.is_none()
        && let Some(expected) = &block.expected
    {
        problem = runbooks::matches(expected, &output).err();
    }
    for text in [&mut output, &mut errors] {
        let cut = (0..=MOST.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        text.truncate(cut);
    }
    Ok(Ran { line: block.line, output, errors, problem })
}
