use super::{Source, input};
use alarms::index;
use anyhow::Context as _;
use clap::Args;
use cli::output;
use std::path::PathBuf;

#[derive(Debug, Args)]
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
        let old = input::read(&self.file)?;
        let new = index::write(&old, &self.source.read()?).with_context(|| self.file.display().to_string())?;
        let file = self.file.display();
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
