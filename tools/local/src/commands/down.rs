//! `suite down`.

use anyhow::Result;

use crate::stack::{self, State};

pub(crate) async fn run(state: &State) -> Result<()> {
    state.announce();
    let _working = state.lock().await?;
    if stack::stop(state).await? {
        cli::note!("The local stack is stopped. Its logs stay in {}/", state.dir().display());
    } else {
        cli::note!("No local stack is up.");
    }
    Ok(())
}
