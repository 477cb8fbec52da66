//! One command at a time works on a stack, and one process at a time is it.

use std::{
    fs::{File, OpenOptions, TryLockError},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

/// Held as long as it lives; the kernel lets go of it with the process.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "held, not read")] File);

impl Lock {
    /// Waits for whoever holds it, and says so.
    pub(super) async fn wait(path: &Path, most: Duration, who: &str) -> Result<Self> {
        let (file, begun) = (open(path)?, Instant::now());
        let mut said = false;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => {
                    return Err(error).with_context(|| format!("can't lock {}", path.display()));
                }
            }
            if begun.elapsed() > most {
                bail!("{who} has held {} for {} s: is it stuck?", path.display(), most.as_secs());
            }
            if !said && begun.elapsed() > Duration::from_secs(1) {
                eprintln!("{who} is at work on this stack: waiting for it");
                said = true;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// None if somebody holds it.
    pub(super) fn take(path: &Path) -> Result<Option<Self>> {
        let file = open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("can't lock {}", path.display())),
        }
    }
}

fn open(path: &Path) -> Result<File> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("can't open {}", path.display()))
}
