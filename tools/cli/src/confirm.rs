//! Nothing that can't be taken back is done before a person has seen how much it is.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use anyhow::{Result, bail};

/// Asks on the terminal, unless the answer was given before. Without a terminal there is nobody to ask.
///
/// # Errors
/// When there is nobody to ask, or the answer can't be read.
pub fn ask(question: &str, yes: bool) -> Result<bool> {
    if yes {
        return Ok(true);
    }
    if !io::stdin().is_terminal() {
        bail!("no terminal to confirm on: pass --yes to proceed");
    }
    let mut stderr = io::stderr().lock();
    write!(stderr, "{question} [y/N] ")?;
    stderr.flush()?;
    drop(stderr);
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
