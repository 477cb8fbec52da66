//! Ctrl-C and SIGTERM: what is hidden is shown again before the end, so that whoever looks next sees everything.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Result, bail};
use tokio::signal::unix::{SignalKind, signal};

/// A process is interrupted once, whoever asks.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// While a person is asked nothing is hidden, and Ctrl-C is an answer.
static ASKING: AtomicBool = AtomicBool::new(false);

/// [`cli::confirm::ask`], with Ctrl-C as an answer.
pub(super) fn ask(question: &str, yes: bool) -> Result<bool> {
    ASKING.store(true, Ordering::Relaxed);
    // Not for a person's shell: for those that follow a page without one.
    let answered = std::env::var_os("ORDERS_YES").is_some_and(|value| !value.is_empty());
    let answer = cli::confirm::ask(question, yes || answered);
    ASKING.store(false, Ordering::Relaxed);
    answer
}

/// A second Ctrl-C ends at once; then SQS shows the messages again by itself, minutes later.
pub(super) fn watch() {
    tokio::spawn(async {
        // Without handlers for signals a signal ends the process, as ever.
        let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            return;
        };
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if ASKING.load(Ordering::Relaxed) || INTERRUPTED.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
            cli::note!("Stopping: one moment, until all messages are shown again.");
        }
    });
}

/// Fails once somebody has pressed Ctrl-C, or sent SIGTERM: asked between two messages, never within one.
pub(super) fn check() -> Result<()> {
    if INTERRUPTED.load(Ordering::Relaxed) {
        bail!("interrupted");
    }
    Ok(())
}
