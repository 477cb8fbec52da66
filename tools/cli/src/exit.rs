//! Exit codes, the same for every tool.

use std::{fmt::Display, process::ExitCode};

use crate::output;

/// Done, and all is well.
pub const OK: u8 = 0;
/// Done, and something is wrong: an order refused, a finding, an alarm that fires.
pub const FOUND: u8 = 1;
/// The command could not run, or the command line is wrong.
pub const FAILED: u8 = 2;

/// For `--help`.
pub const HELP: &str = "Exit codes: 0 done, 1 done and something is wrong, 2 the command could not run";

/// Of a command that has run: was all well?
#[must_use]
pub fn of(is_well: bool) -> ExitCode {
    ExitCode::from(if is_well { OK } else { FOUND })
}

/// Of a command that has run or not; why not is said on stderr, with the chain of causes.
pub fn report<E: Display>(tool: &str, result: Result<ExitCode, E>) -> ExitCode {
    result.unwrap_or_else(|error| {
        output::note(format_args!("{tool}: {error:#}"));
        ExitCode::from(FAILED)
    })
}
