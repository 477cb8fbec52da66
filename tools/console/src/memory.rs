//! Memory that stays what it is, however long the console runs.

use std::{env, os::unix::process::CommandExt as _, process::Command};

/// Read by glibc before `main`.
const ARENAS: &str = "MALLOC_ARENA_MAX";
const ENOUGH: &str = "2";

/// Pages are made on any thread, and each thread would have an arena that keeps what the largest page has needed: after 130 pages
/// 70 MB instead of 55, and more with each hour. So this program starts itself again, in the same process, with few of them.
pub(crate) fn bound() {
    if env::var_os(ARENAS).is_some() {
        return;
    }
    let Ok(program) = env::current_exe() else { return };
    let error = Command::new(program).args(env::args_os().skip(1)).env(ARENAS, ENOUGH).exec();
    cli::note!("{ARENAS} can't be set, so this needs more memory: {error}");
}
