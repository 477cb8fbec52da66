//! Every alarm has a runbook page and every page an alarm.

use std::{collections::BTreeSet, path::Path};

use super::{Context, Findings};

const RULE: &str = "runbook";

/// Pages that belong to no alarm.
const NOT_FOR_AN_ALARM: &[&str] = &["README", "index", "template", "_template"];

/// The names of the runbook pages, without `.md`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Runbooks(pub BTreeSet<String>);

impl Runbooks {
    /// Lists a folder's pages; a folder that is not there has none.
    pub fn of(folder: &Path) -> std::io::Result<Self> {
        let entries = match std::fs::read_dir(folder) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            entries => entries?,
        };
        let mut pages = BTreeSet::new();
        for entry in entries {
            let path = entry?.path();
            let page = path.extension().is_some_and(|extension| extension == "md");
            if let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()).filter(|_| page) {
                pages.insert(stem.to_owned());
            }
        }
        pages.retain(|page| !NOT_FOR_AN_ALARM.contains(&page.as_str()));
        Ok(Runbooks(pages))
    }
}

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut named = BTreeSet::new();
    for alarm in context.catalogue.alarms() {
        let Some(runbook) = &alarm.about().runbook else {
            if context.ours {
                findings.add(RULE, alarm.key(), "it names no runbook".into(), "set `runbook`");
            }
            continue;
        };
        named.insert(runbook.as_str());
        // Before the first page is written there is nothing to be held to.
        if let Some(Runbooks(pages)) = context.runbooks.filter(|runbooks| !runbooks.0.is_empty())
            && !pages.contains(runbook)
        {
            findings.add(
                RULE,
                alarm.key(),
                format!("its runbook runbooks/{runbook}.md does not exist"),
                "write the page, or name another",
            );
        }
    }
    for page in context.runbooks.into_iter().flat_map(|runbooks| &runbooks.0) {
        let is_for_a_question = context.pages.is_some_and(|pages| pages.is_for_a_question(page));
        if !named.contains(page.as_str()) && !is_for_a_question {
            findings.add(
                RULE,
                &format!("runbooks/{page}.md"),
                "no alarm names this page".into(),
                "name it in an alarm, or remove it",
            );
        }
    }
}
