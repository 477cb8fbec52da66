//! Data for whoever reads standard output.

use std::io::{self, Write as _};

use anyhow::Result;

/// A reader that has seen enough, as `head` has, is no failure.
pub(crate) fn line(text: &str) -> Result<()> {
    match writeln!(io::stdout().lock(), "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        result => Ok(result?),
    }
}
