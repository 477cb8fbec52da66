//! Ending a stack: nothing is left running, even after a crash.

use anyhow::{Result, bail};

use super::{State, process};

/// Ends what the state file knows of, and whatever is left of its process group. Returns whether there was anything.
pub(crate) async fn stop(state: &State) -> Result<bool> {
    let Some(stack) = state.stack()? else {
        state.clear()?;
        return Ok(false);
    };
    // The group outlives its leader: a stack that was killed may have left the emulator behind. The pid may be another
    // process's by now, and then it is not ours to end.
    let ours = process::started(stack.pid).is_none_or(|started| started == stack.started);
    let was_running = ours && process::group_exists(stack.pid);
    if was_running && !process::end_group(stack.pid).await {
        bail!("process group {} does not end: try `kill -9 -- -{}`", stack.pid, stack.pid);
    }
    state.clear()?;
    Ok(was_running)
}
