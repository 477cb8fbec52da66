use std::path::PathBuf;

use alarms::catalogue::Alarm;
use alarms_cli::{explain::explain, lint::Prices, scenario, sources::Group};
use anyhow::anyhow;
use clap::Args;
use cli::output;

use super::{Source, input::Input};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n\
    \x20 alarms explain queue-age\n\
    \x20 alarms explain 'aws_cloudwatch_metric_alarm.this[\"queue-age\"]' plan.json")]
pub(super) struct Explain {
    /// The alarm's key, name or address
    name: String,
    #[command(flatten)]
    source: Source,
    /// Scenario files and folders
    #[arg(long, value_name = "PATH", num_args = 1..)]
    scenarios: Vec<PathBuf>,
}

impl Explain {
    pub(super) fn run(&self) -> anyhow::Result<bool> {
        let input = self.source.read()?;
        let (group, alarm) = find(&input, &self.name)?;
        let files = input.read_scenarios(&input.scenario_files(&self.scenarios)?)?;
        let scenarios = input.scenarios(&files, group)?;
        let prices = Prices::read(Prices::BUILT_IN)?;
        output::text(explain(group, alarm, &scenarios, Some(&prices), &self.source.options()))?;
        Ok(true)
    }
}

/// An alarm by its key or name, or the names that come near.
pub(super) fn find<'a>(input: &'a Input, name: &str) -> anyhow::Result<(&'a Group, Alarm<'a>)> {
    let found = input.found.groups.iter().find_map(|group| Some((group, scenario::find(group, name)?)));
    found.ok_or_else(|| {
        let keys = || input.found.groups.iter().flat_map(|group| group.catalogue.alarms()).map(Alarm::key);
        let near: Vec<_> = keys().filter(|key| key.contains(name)).take(20).collect();
        let list = if near.is_empty() { keys().take(20).collect() } else { near };
        anyhow!("there is no alarm `{name}`; there are {}", list.join(", "))
    })
}
