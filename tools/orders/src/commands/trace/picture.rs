//! A trace as a picture.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;
use views::trace::{Map, waterfall};
use waterfall::Trace;

use crate::commands::dashboard::{ThemeArg, extension, png, save};

#[derive(Debug, Args)]
pub(crate) struct PictureArgs {
    /// Write the waterfall there: .svg or .png
    #[arg(long, value_name = "FILE", requires = "order_id")]
    out: Option<PathBuf>,
    /// The map of who called whom, instead of the waterfall
    #[arg(long, requires = "out")]
    map: bool,
    /// Its colours
    #[arg(long, value_enum, default_value_t = ThemeArg::Auto, requires = "out")]
    theme: ThemeArg,
}

const WIDTH: u32 = 1100;

impl PictureArgs {
    /// Writes the newest of the traces, if a picture is asked for.
    pub(super) fn write(&self, traces: &[Trace]) -> Result<()> {
        let (Some(path), Some(trace)) = (&self.out, traces.last()) else { return Ok(()) };
        if traces.len() > 1 {
            cli::note!("{} traces were found: the picture is the newest's.", traces.len());
        }
        let draw = |theme| match self.map {
            true => Map::of(trace).draw(&format!("Trace {}", trace.trace_id), theme),
            false => waterfall(trace, WIDTH, theme),
        };
        match extension(path) {
            "svg" => save(path, draw(self.theme.into()).svg.as_bytes()),
            "png" => save(path, &png(self.theme, draw)?),
            _ => bail!("{}: the file's name ends with .svg or .png", path.display()),
        }
    }
}
