//! What the commands say. A reader that has seen enough, as `head` has, is no failure: the command ends as it would have.

use anyhow::Context as _;
use std::fmt::Display;
use std::io::{self, ErrorKind, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

static UNREAD: AtomicBool = AtomicBool::new(false);

/// Results, to stdout.
pub(super) fn text(text: impl Display) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    match write!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            UNREAD.store(true, Ordering::Relaxed);
            Ok(())
        }
        result => result.context("cannot write to stdout"),
    }
}

/// A line of them.
pub(super) fn line(line: impl Display) -> anyhow::Result<()> {
    text(format_args!("{line}\n"))
}

/// Whether the reader of the results has gone away: what would go on for ever may end.
pub(super) fn is_unread() -> bool {
    UNREAD.load(Ordering::Relaxed)
}

/// What is said beside them, to stderr. Where that can't be written to there is nobody left to tell.
pub(crate) fn note(note: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{note}");
}
