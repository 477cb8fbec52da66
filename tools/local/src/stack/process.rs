//! Processes: is it alive, is it the one that was meant, and its end.

use std::{fs, time::Duration};

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

/// When a process started, in clock ticks since boot; `None` when it is gone or a zombie.
pub(crate) fn started(pid: i32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in brackets, may hold anything; the fields after it are plain.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    if fields.next()? == "Z" {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

/// Ends a process group: asks first, then insists. Returns whether it is gone.
pub(crate) async fn end_group(leader: i32) -> bool {
    let Some(group) = Pid::from_raw(leader) else { return true };
    for signal in [Signal::TERM, Signal::KILL] {
        if kill_process_group(group, signal).is_err() {
            return test_kill_process_group(group).is_err();
        }
        for _ in 0..60 {
            if test_kill_process_group(group).is_err() {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    test_kill_process_group(group).is_err()
}

/// Does the process group have a member?
pub(crate) fn group_exists(leader: i32) -> bool {
    Pid::from_raw(leader).is_some_and(|group| test_kill_process_group(group).is_ok())
}
