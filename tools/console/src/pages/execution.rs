//! A block's commands at work: what comes, as it comes, and whether it is as the page says.

use std::{
    process::{ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use maud::Markup;
use orders::Environment;
use runbooks::{Block, Kind};
use serde::Serialize;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::Command,
    time::timeout,
};

use crate::ask::Ask;

/// A page's command that takes longer has hung.
const WITHIN: Duration = Duration::from_secs(240);
/// More output is nobody's to read.
pub(super) const MOST: usize = 200_000;

/// What a block did.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ran {
    pub(super) line: usize,
    pub(super) output: String,
    pub(super) errors: String,
    /// Why it is not as the page says.
    pub(super) problem: Option<String>,
}

/// A block on a page: run, or about to be.
#[derive(Debug)]
pub(crate) enum Run<'a> {
    /// What comes is put there.
    Here(usize, Markup),
    Done(&'a Ran),
}

impl Run<'_> {
    pub(super) fn line(&self) -> usize {
        match self {
            Self::Here(line, _) => *line,
            Self::Done(ran) => ran.line,
        }
    }
}

/// The variables that a block's commands have.
pub(super) fn variables(block: &Block) -> Vec<&'static str> {
    ["ORDER_ID", "MESSAGE_ID", "ALARM"]
        .into_iter()
        .filter(|name| block.commands.iter().any(|command| command.contains(&format!("${name}"))))
        .collect()
}

/// `told` is called with each line of what comes on stdout.
pub(super) async fn execute(
    environment: &Environment,
    ask: &Ask,
    block: &Block,
    mut told: impl AsyncFnMut(&str),
) -> Result<Ran> {
    let tools = std::env::current_exe().context("can't tell where the tools are")?;
    let tools = tools.parent().context("can't tell where the tools are")?;
    let mut path = tools.as_os_str().to_owned();
    if let Some(rest) = std::env::var_os("PATH") {
        path.push(":");
        path.push(rest);
    }
    let mut ran = Ran { line: block.line, ..Ran::default() };
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
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        for name in variables(block) {
            // As a variable's value it is one word, whatever is in it.
            shell.env(name, orders::trace::id(ask.field(name).with_context(|| format!("{name} is missing"))?)?);
        }
        let status = timeout(WITHIN, follow(shell, &mut ran, &mut told))
            .await
            .with_context(|| format!("`{command}` takes longer than {} s", WITHIN.as_secs()))??;
        let most = if block.kind == Kind::Run { 1 } else { 0 };
        if status.code().is_none_or(|code| code > most) {
            ran.problem = Some(format!("`{command}` ended with {status}"));
            break;
        }
    }
    if ran.problem.is_none()
        && let Some(expected) = &block.expected
    {
        ran.problem = runbooks::matches(expected, &ran.output).err();
    }
    for text in [&mut ran.output, &mut ran.errors] {
        let cut = (0..=MOST.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        text.truncate(cut);
    }
    Ok(ran)
}

/// Both of a command's streams to their ends.
async fn follow(mut shell: Command, ran: &mut Ran, told: &mut impl AsyncFnMut(&str)) -> Result<ExitStatus> {
    let mut child = shell.spawn()?;
    let (Some(output), Some(errors)) = (child.stdout.take(), child.stderr.take()) else { bail!("no pipes") };
    let (mut output, mut errors) =
        (Some(BufReader::new(output).split(b'\n')), Some(BufReader::new(errors).split(b'\n')));
    let line = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned() + "\n";
    loop {
        tokio::select! {
            Some(next) = next(&mut output) => match next? {
                Some(bytes) => {
                    let line = line(bytes);
                    told(&line).await;
                    ran.output.push_str(&line);
                }
                None => output = None,
            },
            Some(next) = next(&mut errors) => match next? {
                Some(bytes) => ran.errors.push_str(&line(bytes)),
                None => errors = None,
            },
            else => return Ok(child.wait().await?),
        }
    }
}

/// The next line of a stream; none, at once, of one that has ended.
async fn next<R: tokio::io::AsyncBufRead + Unpin>(
    lines: &mut Option<tokio::io::Split<R>>,
) -> Option<std::io::Result<Option<Vec<u8>>>> {
    Some(lines.as_mut()?.next_segment().await)
}
