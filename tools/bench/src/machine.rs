//! The machine that is measured on: pinned to one core, and how busy others keep it.

use std::{fs, thread, time::Duration};

use anyhow::{Context as _, Result};
use nix::{
    sched::{CpuSet, sched_getaffinity, sched_setaffinity},
    unistd::Pid,
};
use serde::{Deserialize, Serialize};

/// What it was measured on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(crate) cpu: String,
    pub(crate) cores: usize,
    /// The core that harness and functions share.
    pub(crate) core: usize,
    pub(crate) kernel: String,
    /// How much of all cores others used in the second before, in percent.
    pub(crate) busy_percent: f64,
}

/// From this on figures of time mean little.
pub(crate) const BUSY_PERCENT: f64 = 10.0;

impl Machine {
    /// Looks around and moves this process, and what it will start, to one core: the last one unless it is told.
    pub(crate) fn pin(core: Option<usize>) -> Result<Self> {
        let cores = thread::available_parallelism()?.get();
        let core = match core {
            Some(core) => core,
            None => last_core()?,
        };
        let busy_percent = busy(Duration::from_secs(1))?;
        let mut set = CpuSet::new();
        set.set(core).with_context(|| format!("there is no core {core}"))?;
        sched_setaffinity(Pid::from_raw(0), &set).with_context(|| format!("can't run on core {core} alone"))?;
        let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model =
            info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, name)| name));
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        Ok(Self {
            cpu: model.unwrap_or("unknown").to_owned(),
            cores,
            core,
            kernel: kernel.trim().to_owned(),
            busy_percent: (busy_percent * 10.0).round() / 10.0,
        })
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.busy_percent > BUSY_PERCENT
    }
}

/// Of those that this process may use.
fn last_core() -> Result<usize> {
    let allowed = sched_getaffinity(Pid::from_raw(0)).context("can't ask for the cores")?;
    (0..CpuSet::count()).rev().find(|&core| allowed.is_set(core).unwrap_or(false)).context("no core to run on")
}

fn busy(during: Duration) -> Result<f64> {
    let before = ticks()?;
    thread::sleep(during);
    let after = ticks()?;
    let (all, idle) = (after.0 - before.0, after.1 - before.1);
    Ok(if all == 0 { 0.0 } else { (all - idle) as f64 * 100.0 / all as f64 })
}

/// All and idle ticks of all cores.
fn ticks() -> Result<(u64, u64)> {
    let text = fs::read_to_string("/proc/stat").context("can't read /proc/stat: the benchmark runs on Linux")?;
    let fields: Vec<u64> = text
        .lines()
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(1)
        .filter_map(|field| field.parse().ok())
        .collect();
    Ok((fields.iter().sum(), fields.get(3).copied().unwrap_or(0) + fields.get(4).copied().unwrap_or(0)))
}
