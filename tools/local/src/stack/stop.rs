//! Ending a stack: nothing is left running, even after a crash.

use std::time::Duration;

use anyhow::{Result, bail};

use super::{State, members};

/// How long a stack without a state file may take to see that it has none.
const UNNAMED_WITHIN: Duration = Duration::from_secs(10);

/// Ends the stack that the state file names, and any whose file is gone. Returns whether there was one.
pub(crate) async fn stop(state: &State) -> Result<bool> {
    let mut was_running = false;
    // One that names another folder is a copy: that stack is somebody else's. One of another boot is gone with it.
    if let Some(stack) = state.stack()?.filter(|stack| state.is_own(stack)) {
        was_running = !members::of(&stack.id).is_empty();
        let left = members::end(&stack.id, stack.pid).await;
        if !left.is_empty() {
            let pids = left.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            bail!("processes of the stack do not end: try `kill -9 {pids}`");
        }
    }
    state.clear()?;
    // A stack that lost its file holds the folder until it has seen that, and ends.
    if state.is_served()? {
        was_running = true;
        state.wait_until_unserved(UNNAMED_WITHIN).await?;
        state.clear()?;
    }
    Ok(was_running)
}
