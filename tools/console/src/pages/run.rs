//! Running a block of a runbook from its page.

use anyhow::{Context as _, Result, bail};
use maud::html;
use orders::Environment;
use runbooks::{Block, Kind, Page};

use super::{
    execution::{MOST, Run, execute},
    runbooks::{may_run, page, read, result},
};
use crate::{answer::Shown, app::App, ask::Ask, layout, stream::Sender};

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
