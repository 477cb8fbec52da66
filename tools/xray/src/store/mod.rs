//! What the service remembers: traces in bounded memory, and the counters that say what happened to the rest.

mod held;
mod stats;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::Clock;
use crate::document::{self, Rejection};
use crate::groups::Groups;
use crate::sampling::Sampling;
use crate::tags::Tags;
use crate::trace::Trace;
use held::{Held, Put};

pub use stats::Stats;

/// How many refusals are kept to be looked at.
const KEPT_REJECTIONS: usize = 64;
/// Of evicted traces, so that whoever asks for one hears that it was there.
const KEPT_GONE: usize = 100_000;

/// Limits and names of a service.
#[derive(Debug, Clone)]
pub struct Config {
    /// Most bytes of documents' text held; the oldest traces go first. In memory a small document takes 10 to 20 times
    /// its text, parsed and compiled.
    pub max_bytes: usize,
    /// Most traces held; the oldest go first.
    pub max_traces: usize,
    /// Most bytes of one trace; what comes after is left out and the trace says `LimitExceeded`.
    pub max_trace_bytes: usize,
    /// Traces on one page of GetTraceSummaries.
    pub page_size: usize,
    /// Region in ARNs.
    pub region: String,
    /// Account in ARNs.
    pub account_id: String,
    /// Where the time comes from.
    pub clock: Clock,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_bytes: 32 * 1024 * 1024,
            max_traces: 10_000,
            max_trace_bytes: 500 * 1024,
            page_size: 100,
            region: "us-east-1".to_owned(),
            account_id: "000000000000".to_owned(),
            clock: Clock::system(),
        }
    }
}

/// The service's memory; clones share it.
#[derive(Debug, Clone)]
pub struct Store(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    config: Config,
    traces: Mutex<Traces>,
    groups: Mutex<Groups>,
    sampling: Mutex<Sampling>,
    tags: Mutex<Tags>,
}

#[derive(Debug, Default)]
struct Traces {
    held: HashMap<String, Held>,
    /// Trace ids by arrival, of those that went well: the first is the next to go.
    arrivals: BTreeMap<u64, String>,
    /// The same of those that failed or were slow, which somebody will ask for. They hold at most half of the room.
    notable: BTreeMap<u64, String>,
    notable_bytes: usize,
    /// Hashes of the ids that went, oldest first.
    gone: VecDeque<u64>,
    gone_index: HashSet<u64>,
    next_arrival: u64,
    bytes: usize,
    stats: Stats,
    rejections: VecDeque<Rejection>,
}

/// A lock that outlives a panic elsewhere: every change below leaves the state whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store {
    /// An empty store.
    pub fn new(config: Config) -> Self {
        let now = config.clock.epoch_seconds();
        let sampling = Sampling::new(&config.region, &config.account_id, now);
        let mut tags = Tags::default();
        for record in sampling.records() {
            if let Some(arn) = &record.sampling_rule.rule_arn {
                tags.created(arn, BTreeMap::new());
            }
        }
        Self(Arc::new(Shared { sampling: Mutex::new(sampling), tags: Mutex::new(tags), config, ..Shared::default() }))
    }

    /// The limits and names it was made with.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Epoch seconds on the service's clock.
    pub fn now(&self) -> f64 {
        self.0.config.clock.epoch_seconds()
    }

    /// Takes a segment document (or an array of them); the documents in it that were refused.
    ///
    /// What it takes is visible to the next query: there is no indexing delay.
    pub fn put(&self, text: &str) -> Vec<Rejection> {
        let parsed = document::parse(text);
        let now = self.now();
        let mut traces = lock(&self.0.traces);
        let mut refused = Vec::new();
        for document in parsed {
            traces.stats.received += 1;
            match document {
                Ok(document) => traces.add(document, now, &self.0.config),
                Err(rejection) => {
                    traces.reject(rejection.clone());
                    refused.push(rejection);
                }
            }
        }
        refused
    }

    /// Counts a datagram that held no document.
    pub(crate) fn malformed_datagram(&self, cause: String) {
        let mut traces = lock(&self.0.traces);
        traces.stats.malformed_datagrams += 1;
        traces.reject(Rejection { id: None, code: "MalformedDatagram", subject: "datagram", cause });
    }

    /// What happened so far.
    pub fn stats(&self) -> Stats {
        let traces = lock(&self.0.traces);
        Stats { traces: traces.held.len(), bytes: traces.bytes, ..traces.stats }
    }

    /// The latest refusals, oldest first: a sender over UDP hears of them nowhere else.
    pub fn rejections(&self) -> Vec<Rejection> {
        lock(&self.0.traces).rejections.iter().cloned().collect()
    }

    /// One trace as it stands.
    pub fn trace(&self, id: &str) -> Option<Arc<Trace>> {
        let pending = lock(&self.0.traces).held.get_mut(id).map(Held::pending)?;
        // Outside the lock: compiling must not hold up the receiver.
        Some(pending.compile())
    }

    /// Every trace as it stands.
    pub fn traces(&self) -> Vec<Arc<Trace>> {
        let pending: Vec<_> = lock(&self.0.traces).held.values_mut().map(Held::pending).collect();
        pending.iter().map(|pending| pending.compile()).collect()
    }

    /// Was this trace held once, and gave way to later ones? Of the latest of them only.
    pub fn was_evicted(&self, id: &str) -> bool {
        let traces = lock(&self.0.traces);
        traces.gone_index.contains(&hash(id)) && !traces.held.contains_key(id)
    }

    /// Forgets every trace; rules, groups and counters stay.
    pub fn clear(&self) {
        let mut traces = lock(&self.0.traces);
        traces.held.clear();
        traces.arrivals.clear();
        traces.notable.clear();
        traces.bytes = 0;
        traces.notable_bytes = 0;
    }

    pub(crate) fn groups(&self) -> MutexGuard<'_, Groups> {
        lock(&self.0.groups)
    }

    pub(crate) fn sampling(&self) -> MutexGuard<'_, Sampling> {
        lock(&self.0.sampling)
    }

    pub(crate) fn tags(&self) -> MutexGuard<'_, Tags> {
        lock(&self.0.tags)
    }
}

impl Default for Store {
    fn default() -> Self {
        Self::new(Config::default())
    }
}

fn hash(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

impl Traces {
    fn add(&mut self, document: document::Document, now: f64, config: &Config) {
        self.stats.removed_fields += document.removed_fields as u64;
        let held = match self.held.get_mut(&document.trace_id) {
            Some(held) => held,
            None => {
                let arrival = self.next_arrival;
                self.next_arrival += 1;
                self.arrivals.insert(arrival, document.trace_id.clone());
                let new = Held::new(document.trace_id.clone(), arrival);
                self.held.entry(document.trace_id.clone()).or_insert(new)
            }
        };
        let before = held.bytes();
        let (was_notable, id) = (held.is_notable(), document.trace_id.clone());
        match held.put(document, now, config.max_trace_bytes) {
            Put::Stored => self.stats.stored += 1,
            Put::Replaced => self.stats.replaced += 1,
            Put::Stale => self.stats.stale += 1,
            Put::OverLimit => self.stats.over_trace_limit += 1,
        }
        let (after, arrival, is_notable) = (held.bytes(), held.arrival(), held.is_notable());
        self.bytes = self.bytes - before + after;
        if is_notable {
            self.notable_bytes = self.notable_bytes + after - if was_notable { before } else { 0 };
            if !was_notable {
                self.arrivals.remove(&arrival);
                self.notable.insert(arrival, id);
            }
        }
        while self.bytes > config.max_bytes || self.held.len() > config.max_traces {
            let crowded = self.notable_bytes > config.max_bytes / 2 || self.notable.len() > config.max_traces / 2;
            let from = if crowded || self.arrivals.is_empty() { &mut self.notable } else { &mut self.arrivals };
            let Some((_, oldest)) = from.pop_first() else {
                break;
            };
            self.evict(&oldest);
        }
    }

    fn evict(&mut self, id: &str) {
        let Some(evicted) = self.held.remove(id) else { return };
        self.bytes -= evicted.bytes();
        if evicted.is_notable() {
            self.notable_bytes -= evicted.bytes();
        }
        self.stats.evicted_traces += 1;
        self.stats.evicted_documents += evicted.documents() as u64;
        if self.gone.len() == KEPT_GONE
            && let Some(oldest) = self.gone.pop_front()
        {
            self.gone_index.remove(&oldest);
        }
        let hash = hash(id);
        self.gone.push_back(hash);
        self.gone_index.insert(hash);
    }

    fn reject(&mut self, rejection: Rejection) {
        self.stats.rejected += 1;
        if self.rejections.len() == KEPT_REJECTIONS {
            self.rejections.pop_front();
        }
        self.rejections.push_back(rejection);
    }
}

#[cfg(test)]
mod tests;
