use super::{Observability, Source, input};
use alarms::report::{self, LeftOut};
use alarms::scenario::{self, Outcome};
use anyhow::{Context as _, bail};
use clap::Args;
use cli::output;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

#[derive(Debug, Args)]
pub(super) struct Test {
    #[command(flatten)]
    source: Source,
    /// Scenario files and folders
    #[arg(long, value_name = "PATH", default_value = "tools/alarms/scenarios", num_args = 1..)]
    scenarios: Vec<PathBuf>,
    /// Only scenarios whose name holds this text; alarms without a scenario are then not reported
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Do not fail when an alarm is left without a scenario
    #[arg(long)]
    allow_untested: bool,
    /// Fail when an alarm is not supported, and so goes untested
    #[arg(long)]
    deny_unsupported: bool,
    /// Write a JUnit report too
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Print the outcomes as JSON
    #[arg(long)]
    json: bool,
    /// Run again whenever a file changes, until interrupted
    #[arg(long, conflicts_with_all = ["json", "junit"])]
    watch: bool,
}

impl Test {
    pub(super) fn run(&self) -> anyhow::Result<bool> {
        if !self.watch {
            return self.once();
        }
        loop {
            let seen = self.changed_at();
            // A file that is half written is no reason to stop watching.
            if let Err(error) = self.once() {
                output::note(format_args!("alarms: {error:#}"));
            }
            if output::is_unread() {
                return Ok(true);
            }
            output::note(format_args!("watching {} and its scenarios", self.source.file().display()));
            while self.changed_at() == seen {
                std::thread::sleep(Duration::from_millis(300));
            }
        }
    }

    fn once(&self) -> anyhow::Result<bool> {
        let catalogue = self.source.read()?;
        let mut scenarios = self.source.scenarios(&self.scenarios)?;
        if self.source.observability != Observability::Full {
            scenarios = scenarios.into_iter().filter_map(|scenario| scenario.about(&catalogue)).collect();
        }
        let all = scenarios.len();
        if let Some(text) = &self.only {
            scenarios.retain(|scenario| scenario.name.contains(text.as_str()));
        }
        if scenarios.is_empty() {
            bail!("no scenario to run out of {all}: name files or folders with --scenarios");
        }
        let options = self.source.options();
        let outcomes: Vec<Outcome> =
            scenarios.iter().flat_map(|scenario| scenario::run(&catalogue, scenario, &options)).collect();
        let untested = match self.only {
            Some(_) => Vec::new(),
            None => scenario::untested(&catalogue, &scenarios),
        };
        let unsupported = catalogue.not_supported.len();
        if let Some(file) = &self.junit {
            let left_out = LeftOut { alarms: &catalogue.not_supported, denied: self.deny_unsupported };
            std::fs::write(file, report::junit(&outcomes, &untested, left_out))
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
        let failed = outcomes.iter().filter(|outcome| !outcome.failures.is_empty()).count();
        if self.json {
            let answer = serde_json::json!({
                "outcomes": outcomes,
                "untested": untested,
                "notEvaluated": catalogue.not_supported,
            });
            output::line(answer)?;
        } else {
            output::text(report::failures(&outcomes))?;
            for gap in &untested {
                output::line(format_args!("UNTESTED {gap}"))?;
            }
            let checks: usize = outcomes.iter().map(|outcome| outcome.checks).sum();
            output::line(format_args!(
                "{} alarms, {} scenarios, {} runs, {checks} checks: {failed} failed, {} alarms not fully tested, {unsupported} not supported",
                catalogue.len(),
                scenarios.len(),
                outcomes.len(),
                untested.len(),
            ))?;
        }
        let denied = self.deny_unsupported && unsupported > 0;
        Ok(failed == 0 && !denied && (untested.is_empty() || self.allow_untested))
    }

    /// The newest change among the files that matter, and how many there are.
    fn changed_at(&self) -> (Option<SystemTime>, usize) {
        let mut files = input::scenario_files(&self.scenarios).unwrap_or_default();
        files.push(self.source.file().to_owned());
        let changed = |file: &Path| std::fs::metadata(file).and_then(|meta| meta.modified()).ok();
        (files.iter().filter_map(|file| changed(file)).max(), files.len())
    }
}
