use std::path::PathBuf;

use alarms_cli::scenario::{Baseline, glob, init, untested};
use anyhow::{Context as _, bail};
use clap::Args;
use cli::{
    output,
    text::{clean, count},
};

use super::Source;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n\
    \x20 alarms init                                    alarm-tests/first.yaml, and what is left out as a baseline\n\
    \x20 alarms init plan.json --only '*-errors'        for some alarms\n\
    \x20 alarms init --out alarm-tests/queue.yaml --force")]
pub(super) struct Init {
    #[command(flatten)]
    source: Source,
    /// Only alarms whose key, address or name matches; `*` stands for anything
    #[arg(long, value_name = "GLOB")]
    only: Option<String>,
    /// The file to write
    #[arg(long, value_name = "FILE", default_value = "alarm-tests/first.yaml")]
    out: PathBuf,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
}

impl Init {
    pub(super) fn run(&self) -> anyhow::Result<bool> {
        let read = self.source.read()?;
        let out = self.out.display();
        if self.out.exists() && !self.force {
            bail!("{out} is there: name another with --out, or say --force");
        }
        let options = self.source.options();
        let (mut scenarios, mut left_out, mut gaps) = (Vec::new(), Vec::new(), Vec::new());
        for group in read.found.groups.iter().filter(|group| !group.is_empty()) {
            let wanted = |alarm: alarms::catalogue::Alarm<'_>| {
                self.only.as_ref().is_none_or(|only| glob(only, alarm.key()) || glob(only, alarm.name()))
            };
            let drafts = init::draft(group, &options, wanted);
            gaps.extend(untested(group, &drafts.scenarios));
            scenarios.extend(drafts.scenarios);
            left_out.extend(drafts.left_out);
        }
        for (alarm, reason) in &left_out {
            output::note(format_args!("left out: {}: {}", clean(alarm), clean(reason)));
        }
        if scenarios.is_empty() {
            bail!("no scenario could be written");
        }
        if let Some(folder) = self.out.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        }
        std::fs::write(&self.out, init::yaml(&scenarios)).with_context(|| format!("cannot write {out}"))?;
        let written = scenarios.len();
        output::line(format_args!(
            "{out} is written: {}, {} left out",
            count(written, "scenario"),
            count(left_out.len(), "alarm")
        ))?;
        // What is left out is known from the beginning: the next run is green.
        if !gaps.is_empty() && self.only.is_none() {
            let baseline = self.out.with_file_name("baseline.yaml");
            std::fs::write(&baseline, Baseline::of(&gaps).write()?)
                .with_context(|| format!("cannot write {}", baseline.display()))?;
            output::line(format_args!("{} is written: what no scenario shows yet", baseline.display()))?;
            output::line(format_args!("next: alarms test --baseline {}", baseline.display()))?;
        } else {
            output::line("next: alarms test")?;
        }
        Ok(true)
    }
}
