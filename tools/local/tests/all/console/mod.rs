//! The console on a real stack. Who gets in, and each page alone: tools/console/tests.

mod alarms;
mod custom;
mod pages;
mod strip;

use std::path::{Path, PathBuf};

use crate::{
    common::{Stack, project},
    running::Console,
};

pub(crate) fn console(stack: &Stack, project: &Path) -> Console {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_suite")).with_file_name("console");
    assert!(program.is_file(), "{}: `cargo build -p console@0.1.0` first, or `make test`", program.display());
    Console::start(&program, stack.dir(), project)
}

pub(crate) fn screenshots() -> PathBuf {
    let target = PathBuf::from(env!("CARGO_BIN_EXE_suite"));
    target.ancestors().nth(2).map_or_else(|| project().join("target"), std::path::Path::to_owned).join("screenshots")
}
