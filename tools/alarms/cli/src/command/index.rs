use std::path::PathBuf;

use alarms_cli::index;
use anyhow::Context as _;
use clap::Args;
use cli::output;

use super::{Source, input};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n\
    \x20 alarms index                                   writes the table in runbooks/README.md\n\
    \x20 alarms index --check                           exit 1 when it is not up to date")]
pub(super) struct Index {
    #[command(flatten)]
    source: Source,
    /// The file with the index
    #[arg(long, value_name = "FILE", default_value = "runbooks/README.md")]
    file: PathBuf,
    /// Only say whether it is up to date
    #[arg(long)]
    check: bool,
}

impl Index {
    pub(super) fn run(&self) -> anyhow::Result<bool> {
        let old = input::read_text(&self.file)?;
        let read = self.source.read()?;
        let file = self.file.display();
        let catalogue = read.found.groups.first().map(|group| &group.catalogue).context("there is no alarm")?;
        let new = index::write(&old, catalogue).with_context(|| file.to_string())?;
        if old == new {
            output::note(format_args!("{file} is up to date"));
            return Ok(true);
        }
        if self.check {
            output::line(format_args!("{file} is not up to date: `alarms index` writes it"))?;
            return Ok(false);
        }
        std::fs::write(&self.file, new).with_context(|| format!("cannot write {file}"))?;
        output::note(format_args!("{file} is written"));
        Ok(true)
    }
}
