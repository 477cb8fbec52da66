//! The console: who gets in, and what a browser sees of its pages.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

mod axe;
mod browser;
mod pages;
mod security;
mod standin;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use browser::Browser;
use standin::StandIn;

/// A console of its own, ended with the test.
pub(crate) struct Console {
    child: Child,
    pub(crate) url: String,
}

impl Console {
    pub(crate) fn start(stand_in: &StandIn) -> Self {
        let folder = stand_in.folder.path();
        let child = Command::new(env!("CARGO_BIN_EXE_console"))
            .args(["--env", "local", "--port", "0", "--local-dir"])
            .arg(folder)
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        let url = loop {
            if let Ok(url) = fs::read_to_string(folder.join("console"))
                && url.ends_with('\n')
            {
                break url.trim().to_owned();
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "the console is not up within 30 s");
            std::thread::sleep(Duration::from_millis(50));
        };
        Self { child, url }
    }

    pub(crate) fn base(&self) -> &str {
        self.url.split("/?").next().unwrap()
    }

    pub(crate) fn token(&self) -> &str {
        self.url.split("token=").nth(1).unwrap()
    }

    pub(crate) fn port(&self) -> u16 {
        self.base().rsplit(':').next().unwrap().parse().unwrap()
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A browser that is in; `None`, and a line that says so, where none is installed.
pub(crate) fn browser(console: &Console, test: &str) -> Option<Browser> {
    let Some(program) = browser::installed() else {
        browser::skipped(&format!("{test}: no chromium is installed"));
        return None;
    };
    let mut browser = Browser::start(&program);
    browser.window(1280, false);
    browser.go(&console.url);
    browser.until(
        "the first page",
        "location.search === '' && document.querySelector('.verdict')",
        Duration::from_secs(30),
    );
    Some(browser)
}

pub(crate) fn screenshots() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_console")).ancestors().nth(2).unwrap().join("screenshots")
}
