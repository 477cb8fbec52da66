//! What lives as long as the console: the environment, read anew when the local stack is another, and what it has done.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use anyhow::Result;
use jiff::Timestamp;
use orders::{Environment, MetricClock};
use suite::StateFiles;
use tokio::sync::{Mutex as Turn, RwLock};

use crate::{access::Access, live::Live, mutes::Mutes, traffic::Traffic};

/// A clock that is reckoned on is right to the second for that long, whatever the machine's own is set to meanwhile.
const ASK_AGAIN: Duration = Duration::from_secs(30);

/// More is not worth remembering.
const MOST_DEEDS: usize = 200;

#[derive(Debug)]
pub(crate) struct App {
    pub(crate) access: Access,
    pub(crate) live: Live,
    pub(crate) traffic: Traffic,
    pub(crate) mutes: Mutes,
    pub(crate) started: Timestamp,
    /// Whoever looks at dead letters holds them: one page at a time, or each would find the queue empty.
    pub(crate) dead_letters: Turn<()>,
    local_dir: PathBuf,
    name: String,
    is_local: bool,
    environment: RwLock<(Option<SystemTime>, Arc<Environment>)>,
    /// When it was asked for, of which environment, and what it said.
    clock: Mutex<Option<(Instant, usize, MetricClock)>>,
    deeds: Mutex<Vec<Deed>>,
    asked: AtomicU64,
    refused: AtomicU64,
}

/// Something that was done from here, in the time of metrics: graphs show it.
#[derive(Debug, Clone, serde::Serialize)]
pub(crate) struct Deed {
    pub(crate) at: i64,
    pub(crate) what: String,
}

impl App {
    pub(crate) fn new(environment: Environment, port: u16, local_dir: &Path) -> Self {
        let (name, is_local) = (environment.name().to_owned(), environment.is_local());
        let stamp = stamp(environment.local_dir());
        Self {
            access: Access::new(port),
            live: Live::default(),
            traffic: Traffic::default(),
            mutes: Mutes::default(),
            started: Timestamp::now(),
            dead_letters: Turn::default(),
            local_dir: local_dir.to_owned(),
            name,
            is_local,
            environment: RwLock::new((stamp, Arc::new(environment))),
            clock: Mutex::default(),
            deeds: Mutex::default(),
            asked: AtomicU64::default(),
            refused: AtomicU64::default(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Faults, the fast clock and changes are for the stack on this machine only.
    pub(crate) fn is_local(&self) -> bool {
        self.is_local
    }

    /// The environment; a local stack that was started anew has another port and other keys.
    pub(crate) async fn environment(&self) -> Result<Arc<Environment>> {
        let (known, environment) = self.environment.read().await.clone();
        if !self.is_local {
            return Ok(environment);
        }
        let stamp = stamp(environment.local_dir());
        if stamp.is_some() && stamp == known {
            return Ok(environment);
        }
        let fresh = Arc::new(Environment::read(Some(&self.name), &self.local_dir).await?);
        *self.environment.write().await = (stamp, Arc::clone(&fresh));
        Ok(fresh)
    }

    /// The clock of metrics. Asked for now and then, and reckoned on between: it runs evenly.
    pub(crate) async fn clock(&self) -> Result<MetricClock> {
        let environment = self.environment().await?;
        let known = *self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((asked, of, clock)) = known
            && of == Arc::as_ptr(&environment) as usize
            && asked.elapsed() < ASK_AGAIN
        {
            let since = jiff::SignedDuration::from_secs_f64(asked.elapsed().as_secs_f64() * clock.scale);
            return Ok(MetricClock { now: clock.now + since, ..clock });
        }
        let clock = environment.metric_clock().await?;
        let asked = (Instant::now(), Arc::as_ptr(&environment) as usize, clock);
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner) = Some(asked);
        Ok(clock)
    }

    /// A command of `orders` for this environment, to be pasted.
    pub(crate) fn command(&self, command: &str) -> String {
        let dir = match self.is_local && self.local_dir != Path::new(".local") {
            true => format!(" --local-dir {}", self.local_dir.display()),
            false => String::new(),
        };
        format!("bin/orders --env {}{dir} {command}", self.name)
    }

    /// Remembers what was done from here.
    pub(crate) async fn done(&self, what: impl Into<String>) {
        let Ok(environment) = self.environment().await else { return };
        let at = environment.metric_clock().await.map_or_else(|_| Timestamp::now(), |clock| clock.now).as_second();
        let mut deeds = self.deeds.lock().unwrap_or_else(PoisonError::into_inner);
        if deeds.len() >= MOST_DEEDS {
            deeds.remove(0);
        }
        deeds.push(Deed { at, what: what.into() });
    }

    pub(crate) fn deeds(&self) -> Vec<Deed> {
        self.deeds.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn asked(&self) -> u64 {
        self.asked.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Requests answered, and refused.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.asked.load(Ordering::Relaxed), self.refused.load(Ordering::Relaxed))
    }
}

/// A wall-clock moment in the time of metrics, which a local stack may run fast.
pub(crate) fn in_metric_time(clock: &MetricClock, wall: Timestamp) -> i64 {
    let ago = Timestamp::now().duration_since(wall).as_secs_f64() * clock.scale;
    #[expect(clippy::cast_possible_truncation, reason = "seconds of a day")]
    let ago = ago as i64;
    clock.now.as_second() - ago
}

fn stamp(local_dir: &Path) -> Option<SystemTime> {
    StateFiles::in_folder(local_dir).env().metadata().ok()?.modified().ok()
}
