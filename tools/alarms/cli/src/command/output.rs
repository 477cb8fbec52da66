//! How results are told.

use std::path::PathBuf;

use alarms_cli::report::{self, Problem};
use anyhow::Context as _;
use clap::{Args, ValueEnum};
use cli::output;

/// For whom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// Annotations of a GitHub workflow, beside the text
    Github,
    /// For code scanning
    Sarif,
}

#[derive(Debug, Args)]
pub(super) struct Form {
    /// How results are printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Write SARIF to a file too
    #[arg(long, value_name = "FILE")]
    sarif: Option<PathBuf>,
}

impl Form {
    pub(super) fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }

    /// Whether text for people goes to stdout.
    pub(super) fn is_text(&self) -> bool {
        matches!(self.format(), Format::Text | Format::Github)
    }

    /// Writes what files ask for, and prints annotations or SARIF.
    pub(super) fn tell(&self, problems: &[Problem]) -> anyhow::Result<()> {
        if let Some(file) = &self.sarif {
            let text = serde_json::to_string_pretty(&report::sarif(problems))?;
            std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))?;
        }
        match self.format() {
            Format::Github => output::text(report::annotations(problems)),
            Format::Sarif => output::json(&report::sarif(problems)),
            Format::Text | Format::Json => Ok(()),
        }
    }
}
