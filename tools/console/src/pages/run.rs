//! Running a block of a runbook: what comes, as it comes, and whether it is as the page says.

use std::{process::Stdio, time::Duration};

use anyhow::{Context as _, Result, bail};
use maud::{Markup, html};
use orders::Environment;
use runbooks::{Block, Kind, Page};
use serde::Serialize;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::Command,
    time::timeout,
};

use super::runbooks::{may_run, page, read, result, variables};
use crate::{answer::Shown, app::App, ask::Ask, layout, stream::Sender};

/// A page's command that takes longer has hung.
const WITHIN: Duration = Duration::from_secs(240);
/// More output is nobody's to read.
const MOST: usize = 200_000;

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

/// Runs a block of a page, as it stands there, for this environment, and shows what it says while it says it.
pub(crate) async fn send(app: &App, ask: &Ask, name: &str, to: &mut Sender) -> Result<()> {
    let environment = app.environment().await?;
    let block = block(app, &environment, ask, name)?;
    let Shown { title, html: around, .. } = page(app, ask, name, Some(&Run::Here(block.line, layout::here()))).await?;
    let (before, after) = layout::around_here(&around);
    to.begin(&title, before).await;
    let (open, close) = layout::around(|here| html! { h4 { "What came" } pre tabindex="0" { (here) } });
    to.more(open).await;
    let mut told = 0;
    let ran = execute(&environment, ask, &block, async |line: &str| {
        told += line.len();
        if told < MOST {
            to.more(html! { (line) }).await;
        }
    })
    .await;
    to.more(close).await;
    let ran = ran?;
    finished(app, &block).await;
    to.more(html! { (result(&block, &ran, false)) (after) }).await;
    Ok(())
}

/// The same, whole.
pub(crate) async fn run(app: &App, ask: &Ask, name: &str) -> Result<Shown> {
    let environment = app.environment().await?;
    let block = block(app, &environment, ask, name)?;
    let ran = execute(&environment, ask, &block, async |_: &str| {}).await?;
    finished(app, &block).await;
    page(app, ask, name, Some(&Run::Done(&ran))).await
}

/// The block that is meant, if it may be run from here.
fn block(app: &App, environment: &Environment, ask: &Ask, name: &str) -> Result<Block> {
    let (parsed, problems) = Page::parse(name, &read(environment, name)?);
    if let Some(problem) = problems.first() {
        bail!("the page is not of its form (line {}: {}), so nothing of it is run", problem.line, problem.what);
    }
    let line: usize = ask.field("line").context("which block?")?.parse().context("which block?")?;
    let block = parsed.blocks.into_iter().find(|block| block.line == line).context("the page has no block there")?;
    if !may_run(app, &block) {
        bail!("this block is for a terminal: copy it there");
    }
    Ok(block)
}

async fn finished(app: &App, block: &Block) {
    if matches!(block.kind, Kind::Mitigate | Kind::Undo) {
        app.done("runbook run").await;
    }
    app.live.tell("all");
}

/// `told` is called with each line of what comes on stdout.
async fn execute(environment: &Environment, ask: &Ask, block: &Block, mut told: impl AsyncFnMut(&str)) -> Result<Ran> {
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
async fn follow(
    mut shell: Command,
    ran: &mut Ran,
    told: &mut impl AsyncFnMut(&str),
) -> Result<std::process::ExitStatus> {
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
