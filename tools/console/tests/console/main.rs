//! The console: who gets in, and what a browser sees of its pages.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

mod axe;
mod browser;
mod pages;
mod raw;
mod running;
mod security;
mod soon;
mod standin;

use std::path::{Path, PathBuf};

use self::{running::Console, standin::StandIn};

pub(crate) fn console(stand_in: &StandIn) -> Console {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Console::start(Path::new(env!("CARGO_BIN_EXE_console")), stand_in.folder.path(), &project)
}

pub(crate) fn screenshots() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_console")).ancestors().nth(2).unwrap().join("screenshots")
}
