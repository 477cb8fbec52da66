//! Nothing is sent or deleted before a person has seen how much it is.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use anyhow::{Result, bail};

use super::interrupt;

/// Asks on the terminal; without one there is nobody to ask.
pub(super) fn ask(question: &str, yes: bool) -> Result<bool> {
    if yes {
        return Ok(true);
    }
    if !io::stdin().is_terminal() {
        bail!("nobody can be asked here: give --yes to go on, or --dry-run to see what would be done");
    }
    eprint!("{question} [y/N] ");
    io::stderr().flush()?;
    let mut answer = String::new();
    interrupt::asking(true);
    let read = io::stdin().lock().read_line(&mut answer);
    interrupt::asking(false);
    read?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
