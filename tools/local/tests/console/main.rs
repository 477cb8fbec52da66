//! The console on a real stack. Who gets in, and each page alone: tools/console/tests.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

mod alarms;
#[path = "../../../console/tests/console/axe.rs"]
mod axe;
#[path = "../../../console/tests/console/browser.rs"]
mod browser;
#[path = "../common/mod.rs"]
mod common;
mod custom;
mod pages;
#[path = "../../../console/tests/console/running.rs"]
mod running;
mod strip;

use std::path::{Path, PathBuf};

use common::{Stack, project};
use running::Console;

pub(crate) fn console(stack: &Stack, project: &Path) -> Console {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_suite")).with_file_name("console");
    assert!(program.is_file(), "{}: `cargo build -p console@0.1.0` first, or `make test`", program.display());
    Console::start(&program, stack.dir(), project)
}

pub(crate) fn screenshots() -> PathBuf {
    let target = PathBuf::from(env!("CARGO_BIN_EXE_suite"));
    target.ancestors().nth(2).map_or_else(|| project().join("target"), std::path::Path::to_owned).join("screenshots")
}
