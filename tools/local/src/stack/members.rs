//! The processes of a stack. Each carries the stack's id in its environment: a process id alone may be anybody's by now.

use std::{fs, time::Duration};

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

/// The variable that every process of a stack has.
pub(crate) const ID_VARIABLE: &str = "SUITE_STACK_ID";

/// How long a process may take to end by itself.
const GRACE: Duration = Duration::from_secs(3);
const AFTER_KILL: Duration = Duration::from_secs(5);

/// Which boot of the machine this is: process ids and start times are of one boot.
pub(crate) fn boot_id() -> Option<String> {
    Some(fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?.trim().to_owned())
}

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

/// The processes that carry the stack's id; others' environments can't be read, and are not ours.
pub(crate) fn of(id: &str) -> Vec<i32> {
    let mark = format!("{ID_VARIABLE}={id}");
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| is_marked(*pid, &mark) && started(*pid).is_some())
        .collect()
}

fn is_marked(pid: i32, mark: &str) -> bool {
    fs::read(format!("/proc/{pid}/environ"))
        .is_ok_and(|environment| environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes()))
}

/// Ends every process of the stack: asks the leader first, then insists. Returns those that are left.
pub(crate) async fn end(id: &str, leader: i32) -> Vec<i32> {
    let mark = format!("{ID_VARIABLE}={id}");
    if is_marked(leader, &mark) {
        signal(leader, &mark, Signal::TERM);
    }
    if !gone_within(id, GRACE).await {
        // Processes that are born while others end are found by looking again.
        for _ in 0..3 {
            for pid in of(id) {
                signal(pid, &mark, Signal::KILL);
            }
            if gone_within(id, AFTER_KILL / 3).await {
                break;
            }
        }
    }
    of(id)
}

/// Ends every process of the stack but this one, at once.
pub(crate) fn kill_others(id: &str) {
    let mark = format!("{ID_VARIABLE}={id}");
    let own = i32::try_from(std::process::id()).ok();
    for pid in of(id).into_iter().filter(|pid| Some(*pid) != own) {
        signal(pid, &mark, Signal::KILL);
    }
}

/// Ends one process of the stack, at once. Was it one?
pub(crate) fn kill(pid: i32, id: &str) -> bool {
    let mark = format!("{ID_VARIABLE}={id}");
    let is_ours = is_marked(pid, &mark);
    signal(pid, &mark, Signal::KILL);
    is_ours
}

/// By a handle that stays the process's own: between the look and the signal its id can't become another's.
fn signal(pid: i32, mark: &str, signal: Signal) {
    let Some(Ok(handle)) = Pid::from_raw(pid).map(|pid| pidfd_open(pid, PidfdFlags::empty())) else { return };
    if is_marked(pid, mark) {
        // It may have ended by itself.
        let _ = pidfd_send_signal(handle, signal);
    }
}

async fn gone_within(id: &str, most: Duration) -> bool {
    let begun = tokio::time::Instant::now();
    loop {
        if of(id).is_empty() {
            return true;
        }
        if begun.elapsed() > most {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
