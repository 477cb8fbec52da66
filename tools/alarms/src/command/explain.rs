use super::Source;
use alarms::Catalogue;
use alarms::catalogue::Alarm;
use alarms::lint::Prices;
use anyhow::anyhow;
use clap::Args;
use cli::output;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Explain {
    #[command(flatten)]
    source: Source,
    /// The alarm's key or name
    name: String,
    /// Scenario files and folders
    #[arg(long, value_name = "PATH", default_value = "tools/alarms/scenarios", num_args = 1..)]
    scenarios: Vec<PathBuf>,
}

impl Explain {
    pub(super) fn run(&self) -> anyhow::Result<bool> {
        let catalogue = self.source.read()?;
        let alarm = find(&catalogue, &self.name)?;
        let present: Vec<PathBuf> = self.scenarios.iter().filter(|path| path.exists()).cloned().collect();
        let scenarios = self.source.scenarios(&present)?;
        let prices = Prices::read(Prices::PROJECT)?;
        let options = self.source.options();
        let text = alarms::explain::explain(&catalogue, alarm, &scenarios, Some(&prices), &options);
        output::text(text)?;
        Ok(true)
    }
}

/// An alarm by its key or name, or the names that come near.
pub(super) fn find<'a>(catalogue: &'a Catalogue, name: &str) -> anyhow::Result<Alarm<'a>> {
    catalogue.find(name).ok_or_else(|| {
        let near: Vec<_> = catalogue.alarms().map(Alarm::key).filter(|key| key.contains(name)).collect();
        let all: Vec<_> = catalogue.alarms().map(Alarm::key).collect();
        let list = if near.is_empty() { all } else { near };
        anyhow!("there is no alarm `{name}`; there are {}", list.join(", "))
    })
}
