//! A timer that is always due before those of a call.
//!
//! tokio wakes its driver, by a system call, for each timer that is due before all the others: it can't know that the one who sets it
//! is about to poll anyway. A call sets four, each due before the last (the invocation's deadline, the operation's, the attempt's, the
//! look at a stalled stream), so that it would pay for four wakings and for one poll that finds nothing else. With one timer that is
//! due sooner than any of them it pays for none.

use std::time::Duration;

/// Shorter than the shortest of a call's: the SDK looks at a stalled stream every tenth of a second.
const PERIOD: Duration = Duration::from_millis(50);

/// Begins to beat. Between invocations nobody hears it: Lambda freezes the process.
pub(crate) fn start() {
    tokio::spawn(async {
        loop {
            tokio::time::sleep(PERIOD).await;
        }
    });
}
