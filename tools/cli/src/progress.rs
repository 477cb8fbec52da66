//! What happens meanwhile, on stderr.

use std::{
    io::{self, IsTerminal as _},
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};

use crate::{output, time};

/// Nobody needs to be told of less.
const SILENT_FOR: Duration = Duration::from_millis(2500);
/// Between two lines where no spinner can turn.
const BETWEEN_LINES: Duration = Duration::from_secs(15);

/// Says each step as it begins, with the time since the first one: a line a step, so that a log keeps it.
#[derive(Debug)]
pub struct Steps(Instant);

impl Steps {
    /// Now.
    #[must_use]
    pub fn begin() -> Self {
        Self(Instant::now())
    }

    /// The next step begins.
    pub fn step(&self, what: &str) {
        output::note(format_args!("[{:5.1}s] {what}", self.0.elapsed().as_secs_f64()));
    }
}

/// Says that something is waited for, until it is dropped: after two seconds, a spinner on a terminal and a line every 15 seconds
/// elsewhere.
#[derive(Debug)]
pub struct Waiting {
    over: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Waiting {
    /// For `what`, such as `the consumer to stop`.
    #[must_use]
    pub fn begin(what: impl Into<String>) -> Self {
        let (over, is_over) = mpsc::channel::<()>();
        let what = what.into();
        let thread = std::thread::spawn(move || {
            let begun = Instant::now();
            let goes_on = |wait| matches!(is_over.recv_timeout(wait), Err(RecvTimeoutError::Timeout));
            if !goes_on(SILENT_FOR) {
                return;
            }
            if io::stderr().is_terminal() {
                let bar = ProgressBar::new_spinner().with_message(format!("waiting for {what}"));
                if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
                    bar.set_style(style);
                }
                bar.enable_steady_tick(Duration::from_millis(120));
                while goes_on(BETWEEN_LINES) {}
                bar.finish_and_clear();
                return;
            }
            loop {
                let seconds = i64::try_from(begun.elapsed().as_secs()).unwrap_or(i64::MAX);
                output::note(format_args!("waiting for {what} ({})", time::exact(seconds)));
                if !goes_on(BETWEEN_LINES) {
                    return;
                }
            }
        });
        Self { over: Some(over), thread: Some(thread) }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        drop(self.over.take());
        if let Some(thread) = self.thread.take() {
            // It draws and nothing else: what it fails at is nothing to whoever waits.
            let _ = thread.join();
        }
    }
}
