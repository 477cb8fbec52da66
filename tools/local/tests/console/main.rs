//! The console on a real stack. Who gets in, and each page alone: tools/console/tests.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

#[path = "../../../console/tests/console/axe.rs"]
mod axe;
#[path = "../../../console/tests/console/browser.rs"]
mod browser;
#[path = "../common/mod.rs"]
mod common;
mod pages;
mod strip;

use std::{
    fs,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use browser::Browser;
use common::{Stack, project};

/// A console of its own for a stack, ended with the test.
pub(crate) struct Console {
    child: Child,
    pub(crate) url: String,
}

impl Console {
    pub(crate) fn start(stack: &Stack, folder: &std::path::Path) -> Self {
        let program = PathBuf::from(env!("CARGO_BIN_EXE_suite")).with_file_name("console");
        assert!(program.is_file(), "{}: `cargo build -p console@0.1.0` first, or `make test`", program.display());
        let url_file = stack.dir().join("console");
        drop(fs::remove_file(&url_file));
        let child = Command::new(program)
            .args(["--env", "local", "--port", "0", "--local-dir"])
            .arg(stack.dir())
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        let url = loop {
            if let Ok(url) = fs::read_to_string(&url_file)
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
    let target = PathBuf::from(env!("CARGO_BIN_EXE_suite"));
    target.ancestors().nth(2).map_or_else(|| project().join("target"), std::path::Path::to_owned).join("screenshots")
}
