//! A console of a test's own, and a browser that is in.

#![allow(dead_code, reason = "each test program uses a part")]

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::browser::{Browser, installed, skipped};

/// Ended with the test.
pub(crate) struct Console {
    child: Child,
    pub(crate) url: String,
}

impl Console {
    /// For the stack whose state is in `stack`, of the project in `project`.
    pub(crate) fn start(program: &Path, stack: &Path, project: &Path) -> Self {
        let url_file = stack.join("console");
        // An earlier one's.
        drop(fs::remove_file(&url_file));
        let child = Command::new(program)
            .args(["--env", "local", "--port", "0", "--local-dir"])
            .arg(stack)
            .current_dir(project)
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
    let Some(program) = installed() else {
        skipped(&format!("{test}: no chromium is installed"));
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
