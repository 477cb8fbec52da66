//! Ctrl-C: what is hidden is shown again before the end, so that whoever looks next sees everything.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Result, bail};

/// A process is interrupted once, whoever asks.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// While a person is asked nothing is hidden, and Ctrl-C is an answer.
static ASKING: AtomicBool = AtomicBool::new(false);

/// [`cli::confirm::ask`], with Ctrl-C as an answer.
pub(super) fn ask(question: &str, yes: bool) -> Result<bool> {
    ASKING.store(true, Ordering::Relaxed);
    let answer = cli::confirm::ask(question, yes);
    ASKING.store(false, Ordering::Relaxed);
    answer
}

/// A second Ctrl-C ends at once; then SQS shows the messages again by itself, minutes later.
pub(super) fn watch() {
    tokio::spawn(async {
        while tokio::signal::ctrl_c().await.is_ok() {
            if ASKING.load(Ordering::Relaxed) || INTERRUPTED.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
            cli::note!("Stopping: one moment, until all messages are shown again.");
        }
    });
}

/// Fails once somebody has pressed Ctrl-C: asked between two messages, never within one.
pub(super) fn check() -> Result<()> {
    if INTERRUPTED.load(Ordering::Relaxed) {
        bail!("interrupted");
    }
    Ok(())
}
