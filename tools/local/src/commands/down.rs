//! `local down`: nothing is left running, even after a crash.

use anyhow::{Result, bail};

use crate::{process, state::State};

pub(crate) async fn run(state: &State) -> Result<()> {
    if end(state).await? {
        eprintln!("The local stack is stopped. Its logs stay in {}/", state.dir().display());
    } else {
        eprintln!("No local stack is up.");
    }
    Ok(())
}

/// Ends what the state file knows of, and whatever is left of its process group. Returns whether there was anything.
pub(crate) async fn end(state: &State) -> Result<bool> {
    let Some(plane) = state.plane()? else {
        state.clear()?;
        return Ok(false);
    };
    // The group outlives its leader: a plane that was killed may have left the emulator behind. The pid may be another
    // process's by now, and then it is not ours to end.
    let ours = process::started(plane.pid).is_none_or(|started| started == plane.started);
    let was_running = ours && process::group_exists(plane.pid);
    if was_running && !process::end_group(plane.pid).await {
        bail!("process group {} does not end: try `kill -9 -- -{}`", plane.pid, plane.pid);
    }
    state.clear()?;
    Ok(was_running)
}
