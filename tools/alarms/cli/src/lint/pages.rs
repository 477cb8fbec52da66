//! A runbook page has its form, and nothing it names is missing: files, saved queries, widgets, make targets.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use runbooks::{Link, Page, Problem};

use super::{Context, Findings};

const RULE: &str = "page";

/// The template's name is a page's name like any other.
const TEMPLATE: (&str, &str) = ("_template", "ALARM");

/// The runbook pages, and what they may name.
#[derive(Clone, Debug, Default)]
pub struct Pages {
    folder: PathBuf,
    pages: BTreeMap<String, (Page, Vec<Problem>)>,
    queries: BTreeSet<String>,
    widgets: BTreeSet<String>,
    targets: BTreeSet<String>,
    /// `README.md`, if there is one.
    index: Option<String>,
}

impl Pages {
    /// A page that no alarm has to name.
    pub(super) fn is_for_a_question(&self, name: &str) -> bool {
        self.pages.get(name).is_some_and(|(page, _)| page.is_for_a_question)
    }

    /// Reads a folder's pages; saved queries, dashboards and Makefile are looked for in the project around it.
    pub fn read(folder: &Path) -> std::io::Result<Self> {
        let text = |path: PathBuf| match std::fs::read_to_string(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            text => text.map(Some),
        };
        let project = folder.join("..");
        let names = super::Runbooks::of(folder)?.0.into_iter().map(|name| (name.clone(), name));
        let template = (TEMPLATE.0.to_owned(), TEMPLATE.1.to_owned());
        let mut pages = BTreeMap::new();
        for (file, name) in names.chain([template]) {
            if let Some(page) = text(folder.join(&file).with_extension("md"))? {
                pages.insert(file, Page::parse(&name, &page));
            }
        }
        let mut widgets = BTreeSet::new();
        for dashboard in super::dashboards::files(&project.join("dashboards"))? {
            widgets.extend(titles(&std::fs::read_to_string(dashboard)?));
        }
        Ok(Self {
            folder: folder.to_owned(),
            pages,
            queries: keys(&text(project.join("terraform/queries.yaml"))?.unwrap_or_default()),
            widgets,
            targets: targets(&text(project.join("Makefile"))?.unwrap_or_default()),
            index: text(folder.join("README.md"))?,
        })
    }

    fn check_link(&self, link: &Link) -> Option<String> {
        let target = link.target.split('#').next().unwrap_or_default();
        if target.contains("://") || target.is_empty() {
            return None;
        }
        if !self.folder.join(target).is_file() {
            return Some(format!("the link to {target} leads nowhere"));
        }
        let named = |known: &BTreeSet<String>, what: &str| {
            (!known.contains(&link.text)).then(|| format!("{target} has no {what} `{}`", link.text))
        };
        match target {
            _ if target.ends_with("queries.yaml") => named(&self.queries, "saved query"),
            _ if target.contains("dashboards/") => named(&self.widgets, "widget with the title"),
            _ => None,
        }
    }
}

/// The keys of a YAML map: what begins a line and is no comment.
fn keys(yaml: &str) -> BTreeSet<String> {
    let keys = yaml.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_alphanumeric()));
    keys.filter_map(|line| Some(line.split_once(':')?.0.to_owned())).collect()
}

/// The targets of a Makefile, those of `.PHONY` too, where patterns are spelled out.
fn targets(makefile: &str) -> BTreeSet<String> {
    let lines = makefile.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '.'));
    let rules = lines.filter_map(|line| line.split_once(':'));
    rules
        .filter(|(_, rest)| !rest.starts_with('='))
        .flat_map(|(names, rest)| if names == ".PHONY" { rest.split_whitespace() } else { names.split_whitespace() })
        .map(str::to_owned)
        .collect()
}

fn titles(dashboard: &str) -> Vec<String> {
    let body: serde_json::Value = serde_json::from_str(dashboard).unwrap_or_default();
    let widgets = body["widgets"].as_array().cloned().unwrap_or_default();
    widgets.iter().filter_map(|widget| Some(widget["properties"]["title"].as_str()?.to_owned())).collect()
}

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let Some(pages) = context.pages else { return };
    check_index(context, pages, findings);
    for (file, (page, problems)) in &pages.pages {
        let at = |line: usize| format!("runbooks/{file}.md:{line}");
        for problem in problems {
            findings.add(RULE, &at(problem.line), problem.what.clone(), "see runbooks/_template.md");
        }
        // The template's links are examples.
        for link in page.links.iter().filter(|_| file != TEMPLATE.0) {
            if let Some(wrong) = pages.check_link(link) {
                findings.add(RULE, &at(link.line), wrong, "name one that is there");
            }
        }
        for (line, command) in page.commands() {
            let target = command.strip_prefix("make ").and_then(|rest| rest.split_whitespace().next());
            if let Some(target) = target.filter(|target| !pages.targets.contains(*target)) {
                findings.add(RULE, &at(line), format!("the Makefile has no target {target}"), "`make` lists them");
            }
        }
    }
}

fn check_index(context: &Context<'_>, pages: &Pages, findings: &mut Findings) {
    let what = match pages.index.as_deref().map(|old| (old, crate::index::write(old, context.catalogue))) {
        // Before the first page is written there is nothing to be listed.
        None if pages.pages.is_empty() => return,
        None => "it is not there: it lists the runbooks".to_owned(),
        Some((_, Err(error))) => error.to_string(),
        Some((old, Ok(new))) if old == new => return,
        Some(_) => "the index is not what the catalogue says".to_owned(),
    };
    findings.add(RULE, "runbooks/README.md", what, "`alarms index` writes it");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_rules_and_what_is_phony() {
        let found = targets("A := b\nX ?= y\n.PHONY: deploy logs-validator\ndeploy: x ## D\n\t@echo a:b\nlogs-%: y\n");
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["deploy", "logs-%", "logs-validator"]);
    }

    #[test]
    fn queries_are_the_outer_keys() {
        assert_eq!(
            keys("# a: b\nby-order:\n  query: |\n    x\nz:\n").into_iter().collect::<Vec<_>>(),
            ["by-order", "z"]
        );
    }
}
