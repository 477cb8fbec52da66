//! Memory that stays what it is, however long the console runs.

use std::{env, os::unix::process::CommandExt as _, process::Command};

/// Read by glibc before `main`: one arena instead of one for each thread that has ever made a page, and what is large, such as a page's
/// text, is given back to the system at once. By themselves these thresholds rise to what the largest page has needed.
const SETTINGS: [(&str, &str); 3] =
    [("MALLOC_ARENA_MAX", "1"), ("MALLOC_MMAP_THRESHOLD_", "131072"), ("MALLOC_TRIM_THRESHOLD_", "131072")];

/// Starts this program again, in the same process, so that glibc reads the settings; somebody's own are left alone.
pub(crate) fn bound() {
    if SETTINGS.iter().any(|(name, _)| env::var_os(name).is_some()) {
        return;
    }
    let Ok(program) = env::current_exe() else { return };
    let error = Command::new(program).args(env::args_os().skip(1)).envs(SETTINGS).exec();
    cli::note!("{} can't be set, so this needs more memory: {error}", SETTINGS[0].0);
}
