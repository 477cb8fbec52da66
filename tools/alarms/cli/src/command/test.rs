use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use alarms_cli::{
    report::{self, LeftOut, Problem},
    scenario::{self, Baseline, Outcome, Untested},
};
use anyhow::{Context as _, bail};
use clap::Args;
use cli::{output, text::count};

use super::{
    Observability, Source, input,
    output::{Form, Format},
};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n\
    \x20 alarms test                                    every scenario, under every reading of AWS's texts\n\
    \x20 alarms test --watch --only 'queue age'         again whenever a file changes\n\
    \x20 alarms test plan.json --scenarios alarm-tests --junit report.xml\n\
    \x20 alarms test --baseline alarm-tests/baseline.yaml --write-baseline\n\
    \x20 alarms test --deny-dependent                   fail where a scenario depends on a reading\n\
    \x20 alarms test --live --scenarios alarm-tests     what is deployed")]
pub(super) struct Test {
    #[command(flatten)]
    source: Source,
    /// Scenario files and folders; alarm-tests/ and what lies beside the alarms without
    #[arg(long, value_name = "PATH", num_args = 1..)]
    scenarios: Vec<PathBuf>,
    /// Only scenarios whose name holds this text; alarms without a scenario are then not reported
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Do not fail when an alarm is left without a scenario
    #[arg(long)]
    allow_untested: bool,
    /// What is untested and known to be: only more than that fails
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write what is untested now into the baseline
    #[arg(long)]
    write_baseline: bool,
    /// Fail when an alarm is not supported, and so goes untested
    #[arg(long)]
    deny_unsupported: bool,
    /// Fail when a scenario depends on how AWS's texts are read
    #[arg(long)]
    deny_dependent: bool,
    /// Run each scenario under the default reading of AWS's texts only
    #[arg(long, conflicts_with = "deny_dependent")]
    one_reading: bool,
    /// Write a JUnit report too
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    #[command(flatten)]
    form: Form,
    /// Run again whenever a file changes, until interrupted
    #[arg(long, conflicts_with_all = ["json", "junit", "write_baseline"])]
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
            output::note("watching the alarms and their scenarios");
            while self.changed_at() == seen {
                std::thread::sleep(Duration::from_millis(300));
            }
        }
    }

    fn once(&self) -> anyhow::Result<bool> {
        let input = self.source.read()?;
        let options = self.source.options();
        let files = input.scenario_files(&self.scenarios)?;
        let files = input.read_scenarios(&files)?;
        let (mut outcomes, mut untested): (Vec<Outcome>, Vec<Untested>) = (Vec::new(), Vec::new());
        let (mut all, mut ran) = (0, 0);
        let mut given = BTreeSet::new();
        let mut alarms = 0;
        let several = input.found.groups.iter().filter(|group| !group.is_empty()).count() > 1;
        for group in input.found.groups.iter().filter(|group| !group.is_empty()) {
            alarms += group.catalogue.len() + group.open.len();
            let mut scenarios = input.scenarios(&files, group)?;
            // Of several regions, each has its own; of a lean environment, what is full is not there.
            if several || self.source.how.observability != Observability::Full {
                scenarios = scenarios.into_iter().filter_map(|scenario| scenario.about(group)).collect();
            }
            all += scenarios.len();
            given.extend(scenarios.iter().flat_map(|scenario| &scenario.given).map(|(alarm, ..)| alarm.clone()));
            if let Some(text) = &self.only {
                scenarios.retain(|scenario| scenario.name.contains(text.as_str()));
            } else {
                untested.extend(scenario::untested(group, &scenarios));
            }
            ran += scenarios.len();
            for scenario in &scenarios {
                outcomes.extend(scenario::all(group, scenario, &options, !self.one_reading));
            }
        }
        if ran == 0 && !self.write_baseline {
            bail!(
                "no scenario to run out of {all}: `alarms init` writes first ones, --scenarios names files and folders"
            );
        }
        let path = self.baseline.clone().or_else(|| input.project.baseline.clone());
        let untested = self.beyond(path.as_deref(), untested)?;
        let open = input.open(&given);
        input::tell_left_out(&open);
        let left_out = [input.not_supported(), open].concat();
        if let Some(file) = &self.junit {
            let left_out = LeftOut { alarms: &left_out, denied: self.deny_unsupported };
            let xml = report::junit(&outcomes, &untested, left_out)?;
            std::fs::write(file, xml).with_context(|| format!("cannot write {}", file.display()))?;
        }
        let failed = outcomes.iter().filter(|outcome| !outcome.failures.is_empty()).count();
        let dependent = outcomes.iter().filter(|outcome| !outcome.depends.is_empty()).count();
        if self.form.format() == Format::Json {
            let answer = serde_json::json!({ "outcomes": outcomes, "untested": untested, "notEvaluated": left_out });
            output::line(answer)?;
        } else if self.form.is_text() {
            output::text(report::failures(&outcomes))?;
            for gap in &untested {
                output::line(format_args!("UNTESTED {}", cli::text::clean(&gap.to_string())))?;
            }
            let checks: usize = outcomes.iter().map(|outcome| outcome.checks).sum();
            output::line(format_args!(
                "{}, {}, {}, {}: {failed} failed, {} not fully tested, {} not supported",
                count(alarms, "alarm"),
                count(ran, "scenario"),
                count(outcomes.len(), "run"),
                count(checks, "check"),
                count(untested.len(), "alarm"),
                left_out.len(),
            ))?;
            if !self.one_reading {
                output::line(match dependent {
                    0 => "what passes holds under every reading of AWS's texts".to_owned(),
                    some => format!("{some} of them hold, but depend on a reading of AWS's texts"),
                })?;
            }
        }
        let mut problems = report::of_outcomes(&outcomes);
        problems.extend(untested.iter().map(|gap| Problem {
            rule: "untested".to_owned(),
            is_failure: !self.allow_untested,
            message: gap.to_string(),
            place: None,
        }));
        self.form.tell(&problems)?;
        let denied = self.deny_unsupported && !left_out.is_empty();
        let depends = self.deny_dependent && dependent > 0;
        Ok(failed == 0 && !denied && !depends && (untested.is_empty() || self.allow_untested || self.write_baseline))
    }

    /// What is untested beyond the baseline, which is written if that is asked for.
    fn beyond(&self, path: Option<&Path>, untested: Vec<Untested>) -> anyhow::Result<Vec<Untested>> {
        if self.write_baseline {
            let Some(path) = path else {
                bail!("--write-baseline needs --baseline FILE, or `baseline:` in .alarms.yaml")
            };
            let text = Baseline::of(&untested).write()?;
            std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
            output::note(format_args!(
                "{} is written: {} alarms that are not fully tested",
                path.display(),
                untested.len()
            ));
            return Ok(Vec::new());
        }
        let Some(path) = path else { return Ok(untested) };
        let baseline = Baseline::read(&input::read_text(path)?).with_context(|| path.display().to_string())?;
        let closed = baseline.closed(&untested);
        if closed > 0 {
            output::note(format_args!(
                "{closed} gaps of {} are closed: `alarms test --write-baseline` takes them out",
                path.display()
            ));
        }
        Ok(baseline.new_gaps(untested))
    }

    /// The newest change among the files that matter, and how many there are.
    fn changed_at(&self) -> (Option<SystemTime>, usize) {
        let project = alarms_cli::project::Project::of(Path::new(".")).unwrap_or_default();
        let mut files = self.source.paths(&project);
        let scenarios = if self.scenarios.is_empty() { &project.scenarios } else { &self.scenarios };
        files.extend(input::scenario_files(scenarios).unwrap_or_default());
        files.extend(input::scenario_files(&[PathBuf::from(input::SCENARIOS)]).unwrap_or_default());
        let changed = |file: &Path| std::fs::metadata(file).and_then(|meta| meta.modified()).ok();
        (files.iter().filter_map(|file| changed(file)).max(), files.len())
    }
}
