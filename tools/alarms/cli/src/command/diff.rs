use std::path::{Path, PathBuf};

use alarms_cli::{
    diff::{Difference, alarms, incidents, scenarios},
    project::Project,
    sources::{self, Group},
};
use anyhow::Context as _;
use clap::Args;
use cli::{
    output,
    text::{clean, count},
};

use super::{How, input};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n\
    \x20 alarms diff old.json new.json                  alarms, and the project's scenarios on both sides\n\
    \x20 alarms diff old.json new.json --series checkout-errors=week.json\n\
    \x20 alarms diff old.json new.json --deny-changes   exit 1 when something differs")]
pub(super) struct Diff {
    /// The alarms as they were
    old: PathBuf,
    /// The alarms as they will be
    new: PathBuf,
    #[command(flatten)]
    how: How,
    /// Scenario files and folders to run on both sides
    #[arg(long, value_name = "PATH", num_args = 1..)]
    scenarios: Vec<PathBuf>,
    /// A recording of an alarm's metrics to replay on both sides
    #[arg(long, value_name = "ALARM=FILE", value_parser = super::pair)]
    series: Vec<(String, String)>,
    /// Print the differences as JSON
    #[arg(long)]
    json: bool,
    /// Fail when there is a difference
    #[arg(long)]
    deny_changes: bool,
}

impl Diff {
    pub(super) fn run(&self) -> anyhow::Result<bool> {
        let project = Project::of(Path::new("."))?;
        let options = self.how.options();
        let old = input::read(sources::gather(std::slice::from_ref(&self.old))?, project.clone(), &self.how)?;
        let new = input::read(sources::gather(std::slice::from_ref(&self.new))?, project, &self.how)?;
        let changed = alarms(&old.found, &new.found);
        let files = new.read_scenarios(&new.scenario_files(&self.scenarios)?)?;
        let (mut stories, mut fired) = (Vec::new(), Vec::new());
        for group in &new.found.groups {
            let none = Group::default();
            let before = old.found.groups.iter().find(|before| before.place == group.place).unwrap_or(&none);
            let scenarios_here = new.scenarios(&files, group)?;
            stories.extend(scenarios(before, group, &scenarios_here, &options));
            for (alarm, file) in &self.series {
                let text = input::read_text(file.as_ref())?;
                fired.extend(incidents(before, group, alarm, &text, &options).with_context(|| file.clone())?);
            }
        }
        let differences = changed.len() + stories.len() + fired.len();
        if self.json {
            output::json(&serde_json::json!({ "alarms": changed, "scenarios": stories, "incidents": fired }))?;
        } else {
            section("alarms", &changed)?;
            section("scenarios", &stories)?;
            section("recorded incidents", &fired)?;
            output::line(format_args!(
                "{}, {}, {} differ",
                count(changed.len(), "alarm"),
                count(stories.len(), "scenario"),
                count(fired.len(), "recorded incident")
            ))?;
        }
        Ok(differences == 0 || !self.deny_changes)
    }
}

fn section(name: &str, differences: &[Difference]) -> anyhow::Result<()> {
    if !differences.is_empty() {
        output::line(format_args!("{name}:"))?;
    }
    for difference in differences {
        output::line(format_args!("  {}: {}", clean(&difference.of), clean(&difference.what)))?;
    }
    Ok(())
}
