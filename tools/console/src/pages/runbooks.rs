//! `/runbooks`: the pages, with their commands at a press, and what came beside what should come.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result, bail};
use maud::{Markup, PreEscaped, html};
use orders::{Environment, alarms::Alarm};
use runbooks::{Block, Kind, Page};

use super::{
    alarms::page_of,
    execution::{Ran, Run, variables},
};
use crate::{answer::Shown, app::App, ask::Ask, parts};

fn folder(environment: &Environment) -> PathBuf {
    environment.project().join("runbooks")
}

/// Only names of pages: no way leads out of the folder.
pub(super) fn read(environment: &Environment, name: &str) -> Result<String> {
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    let path = folder(environment).join(format!("{name}.md"));
    if !plain || !path.is_file() {
        bail!("there is no runbook {name}: /runbooks lists them");
    }
    fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))
}

pub(crate) async fn list(app: &App) -> Result<Shown> {
    let environment = app.environment().await?;
    let alarms = orders::alarms::all(&environment).await?;
    let entries =
        fs::read_dir(folder(&environment)).context("no runbooks/ here: start the console in the project's folder")?;
    let mut names: Vec<String> = entries
        .flatten()
        .filter_map(|entry| Some(entry.path().file_stem()?.to_str()?.to_owned()))
        .filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'))
        .collect();
    names.sort();
    let mut pages = Vec::new();
    for name in names {
        let (page, _) = Page::parse(&name, &read(&environment, &name)?);
        let firing = alarms.iter().any(|alarm| alarm.fires() && leads_to(alarm, &name));
        pages.push((name, page.title, firing));
    }
    pages.sort_by_key(|page| !page.2);
    let html = html! { (parts::live("runbooks", "alarm", &html! { section.card { div.scroll { table { caption { "Runbooks; those of firing alarms first" }
        thead { tr { th scope="col" { "Page" } th scope="col" { "When" } th scope="col" { "Now" } } }
        tbody { @for (name, title, firing) in &pages { tr { td { a href=(format!("/runbooks/{name}")) { (name) } } td.wrap { (title) } td { @if *firing { (parts::state("ALARM")) } } } } }
    } } } })) };
    let data: Vec<_> = pages
        .iter()
        .map(|(name, title, firing)| serde_json::json!({"page": name, "title": title, "firing": firing}))
        .collect();
    Shown::new("Runbooks", html, &data)
}

fn leads_to(alarm: &Alarm, page: &str) -> bool {
    alarm.runbook.as_deref().and_then(page_of) == Some(page)
}

/// `dlq-depth.md`, and wherever runbooks are kept, lead to the pages here; other files of the project lead nowhere.
fn local_links(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find("href=\"") {
        let (before, after) = rest.split_at(at + 6);
        out.push_str(before);
        let end = after.find('"').unwrap_or(after.len());
        let (target, behind) = after.split_at(end);
        match page_of(target) {
            Some(page)
                if !target.starts_with("../") && (target == format!("{page}.md") || target.contains("runbooks/")) =>
            {
                out.push_str(&format!("/runbooks/{page}"));
            }
            _ if target.starts_with("../dashboards/") => out.push_str("/dashboards"),
            _ if target.starts_with("../terraform/queries") => out.push_str("/logs"),
            _ => out.push_str(target),
        }
        rest = behind;
    }
    out + rest
}

/// The same in what somebody else has drawn.
pub(super) fn linked(markup: Markup) -> Markup {
    PreEscaped(local_links(&markup.into_string()))
}

pub(crate) async fn page(app: &App, ask: &Ask, name: &str, run: Option<&Run<'_>>) -> Result<Shown> {
    let environment = app.environment().await?;
    let text = read(&environment, name)?;
    let (page, _) = Page::parse(name, &text);
    let alarms = orders::alarms::all(&environment).await?;
    let prefix = format!("{}-", environment.prefix()?);
    let own: Vec<&Alarm> = alarms.iter().filter(|alarm| leads_to(alarm, name)).collect();
    let html = html! {
        (parts::live("runbook-alarms", "alarm", &standing(&own, &prefix)))
        article.card.runbook { (body(app, ask, &page, &text, run)) }
    };
    let blocks: Vec<_> = page.blocks.iter().map(|block| serde_json::json!({"line": block.line, "kind": format!("{:?}", block.kind), "commands": block.commands, "expected": block.expected})).collect();
    let data = serde_json::json!({"page": name, "title": page.title, "blocks": blocks, "ran": match run { Some(Run::Done(ran)) => Some(ran), _ => None }, "alarms": own});
    Shown::new(format!("{name}: {}", page.title), html, &data)
}

fn standing(own: &[&Alarm], prefix: &str) -> Markup {
    let firing = own.iter().filter(|alarm| alarm.fires()).count();
    html! { @if !own.is_empty() { div.verdict.(if firing > 0 { "bad" } else { "good" }) role="status" {
        span.symbol aria-hidden="true" { (if firing > 0 { "▲" } else { "✓" }) }
        span { @if firing > 0 { (firing) " of the page's alarms fires" } @else { "Recovered: the page's alarms are OK" } }
        span.quiet { @for alarm in own { @let name = alarm.name.strip_prefix(prefix).unwrap_or(&alarm.name); a href=(format!("/alarms/{name}")) { (name) } " " (parts::state(&alarm.state)) " " } }
    } } }
}

/// The page's text, with its blocks of commands at their places.
fn body(app: &App, ask: &Ask, page: &Page, text: &str, run: Option<&Run<'_>>) -> Markup {
    let lines: Vec<&str> = text.lines().collect();
    let mut parts_of = Vec::new();
    let mut prose = String::new();
    // The title is the page's, and the line on the environment is for terminals.
    let mut at = 2;
    while at < lines.len() {
        if lines[at].starts_with("```") {
            let length =
                lines[at + 1..].iter().position(|line| line.trim_end() == "```").unwrap_or(lines.len() - at - 1);
            if let Some(block) = page.blocks.iter().find(|block| block.line == at + 1) {
                parts_of.push(html! { (markdown(&std::mem::take(&mut prose))) (block_of(app, ask, page, block, run)) });
            }
            at += length + 2;
            continue;
        }
        if !lines[at].starts_with("<!--") {
            prose.push_str(lines[at]);
            prose.push('\n');
        }
        at += 1;
    }
    html! { @for part in &parts_of { (part) } (markdown(&prose)) }
}

fn markdown(text: &str) -> Markup {
    PreEscaped(local_links(&views::markdown(text).into_string()))
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Run => "looks",
        Kind::Mitigate => "changes",
        Kind::Undo => "takes back",
        Kind::Verify => "verifies",
    }
}

/// On AWS only what reads; on this machine everything but a deployment of it.
pub(super) fn may_run(app: &App, block: &Block) -> bool {
    let reads = matches!(block.kind, Kind::Run | Kind::Verify);
    (app.is_local() || reads) && !block.commands.iter().any(|command| command.starts_with("make deploy"))
}

fn block_of(app: &App, ask: &Ask, page: &Page, block: &Block, run: Option<&Run<'_>>) -> Markup {
    let id = format!("line-{}", block.line);
    let run = run.filter(|run| run.line() == block.line);
    html! { section.block id=(id) aria-label=(format!("Commands, line {}", block.line)) {
        header {
            span { (word(block.kind)) @if let Some(name) = &block.name { " · " (name) } }
            span.row {
                button.copy type="button" hidden data-copy=(block.commands.join("\n")) { "Copy" }
                @if may_run(app, block) && app.is_local() { form.row method="post" action=(format!("/runbooks/{}/run#{id}", page.name)) {
                    (parts::token(app))
                    input type="hidden" name="line" value=(block.line);
                    @for name in variables(block) { label { (name) " " input name=(name) required size="20" value=(ask.field(name).or(ask.get(name)).unwrap_or(if name == "ALARM" { &page.name } else { "" })); } }
                    button.(if matches!(block.kind, Kind::Mitigate | Kind::Undo) { "danger" } else { "primary" }) { "Run" }
                } }
            }
        }
        div.inside {
            pre tabindex="0" { (block.commands.join("\n")) }
            @match run {
                Some(Run::Done(ran)) => (result(block, ran, true)),
                Some(Run::Here(_, here)) => (here),
                None => @if let Some(expected) = &block.expected { details { summary { "What to expect" } pre tabindex="0" { (expected) } } },
            }
        }
    } }
}

/// How a block went, with its output if that is not shown already.
pub(super) fn result(block: &Block, ran: &Ran, with_output: bool) -> Markup {
    html! { div.result.(if ran.problem.is_none() { "ok" } else { "failed" }) {
        p { @match &ran.problem { None => { (parts::outcome("ok")) " as the page says" } Some(problem) => { (parts::outcome("fault")) " " (problem) } } }
        @if with_output || ran.output.is_empty() || block.expected.is_some() { div.sides {
            @if with_output || ran.output.is_empty() { div { h4 { "What came" } pre tabindex="0" { (if ran.output.is_empty() { "(nothing on stdout)" } else { &ran.output }) } } }
            @if let Some(expected) = &block.expected { div { h4 { "What the page expects; ... is anything" } pre tabindex="0" { (expected) } } }
        } }
        @if !ran.errors.is_empty() { details { summary { "What it said besides" } pre tabindex="0" { (ran.errors) } } }
    } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_pages_here_or_stay() {
        for (from, to) in [
            ("<a href=\"dlq-depth.md\">x</a>", "<a href=\"/runbooks/dlq-depth\">x</a>"),
            ("<a href=\"runbooks/api-5xx.md\">x</a>", "<a href=\"/runbooks/api-5xx\">x</a>"),
            ("<a href=\"https://example.com/a.md\">x</a>", "<a href=\"https://example.com/a.md\">x</a>"),
            ("<a href=\"../dashboards/orders.json\">x</a>", "<a href=\"/dashboards\">x</a>"),
            ("no link", "no link"),
        ] {
            assert_eq!(local_links(from), to);
        }
    }
}
