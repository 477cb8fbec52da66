//! A stack that its state file no longer names has no owner: nobody could find or end it.

use std::time::Duration;

use super::{StackFile, State};

const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Returns when the state file is gone, can't be read, or names another stack.
pub(crate) async fn until_it_is_not_named(state: &State, stack: &StackFile) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        match state.stack() {
            Ok(Some(named)) if named.id == stack.id => {}
            Ok(_) => return,
            // A full disk or too many open files: the file may well be there.
            Err(error) => eprintln!("the state file can't be read: {error:#}"),
        }
    }
}
