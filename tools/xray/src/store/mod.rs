//! What the service remembers: traces in bounded memory, and the counters that say what happened to the rest.

mod held;
mod refusals;
mod stats;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use serde_json::Value;
use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::destination::{Destination, Switch};
use crate::document::{self, Document, Rejection};
use crate::groups::Groups;
use crate::otlp;
use crate::record;
use crate::retrieval::Retrievals;
use crate::sampling::Sampling;
use crate::tags::Tags;
use crate::trace::Trace;
use held::{Held, Put};
use refusals::Refusals;

pub use refusals::Refused;
pub use stats::Stats;

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
    switch: Mutex<Switch>,
    retrievals: Mutex<Retrievals>,
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
    refusals: Refusals,
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
        let mut records = Vec::new();
        let refused = self.add(parsed, |document| records.extend(records_of(document)));
        self.log(records);
        refused
    }

    /// Takes OTLP spans, as segment documents; those that were refused.
    ///
    /// What was not sampled reaches CloudWatch Logs only.
    pub(crate) fn put_otlp(&self, request: ExportTraceServiceRequest, sampled: bool) -> Vec<Rejection> {
        let converted = otlp::convert(request);
        if !sampled && self.destination() == Destination::XRay {
            lock(&self.0.traces).stats.unsampled += converted.len() as u64;
            return Vec::new();
        }
        let (mut refused, mut records) = (Vec::new(), Vec::new());
        for span in converted {
            let documents = span.documents.into_iter().map(|body| {
                let bytes = Value::Object(body.clone()).to_string().len();
                document::read(body, bytes)
            });
            let of_span = self.add(documents.collect(), |_| {});
            if of_span.is_empty() {
                records.push(span.record);
            }
            refused.extend(of_span);
        }
        self.log(records);
        refused
    }

    fn add(&self, documents: Vec<Result<Document, Rejection>>, mut taken: impl FnMut(&Document)) -> Vec<Rejection> {
        let now = self.now();
        let logged = self.destination() == Destination::CloudWatchLogs;
        let mut traces = lock(&self.0.traces);
        let mut refused = Vec::new();
        for document in documents {
            traces.stats.received += 1;
            match document {
                Ok(document) => {
                    if logged {
                        taken(&document);
                    }
                    traces.add(document, now, &self.0.config, logged);
                }
                Err(rejection) => {
                    traces.reject(rejection.clone());
                    refused.push(rejection);
                }
            }
        }
        refused
    }

    /// To whoever writes them, if they go there.
    fn log(&self, records: Vec<Value>) {
        let switch = lock(&self.0.switch);
        if switch.destination == Destination::CloudWatchLogs {
            let lost = switch.send(records);
            drop(switch);
            lock(&self.0.traces).stats.unlogged += lost;
        }
    }

    /// Where segments go.
    pub fn destination(&self) -> Destination {
        lock(&self.0.switch).destination
    }

    /// From now on they go there; what is held stays where it is.
    pub fn set_destination(&self, destination: Destination) {
        lock(&self.0.switch).destination = destination;
    }

    /// The records of spans that the host is to write to the log group [`record::LOG_GROUP`], one JSON object an event. For one
    /// writer: the latest to ask gets them.
    pub fn records(&self) -> mpsc::Receiver<Value> {
        lock(&self.0.switch).writer()
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
        lock(&self.0.traces).refusals.latest()
    }

    /// All refusals since the store was made, by their code.
    pub fn refused(&self) -> Vec<Refused> {
        lock(&self.0.traces).refusals.by_code()
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

    /// A trace that X-Ray's index has.
    pub(crate) fn indexed(&self, id: &str) -> Option<Arc<Trace>> {
        self.of_index(id, true)
    }

    /// A trace that CloudWatch Logs has.
    pub(crate) fn logged(&self, id: &str) -> Option<Arc<Trace>> {
        self.of_index(id, false)
    }

    fn of_index(&self, id: &str, indexed: bool) -> Option<Arc<Trace>> {
        let held =
            lock(&self.0.traces).held.get_mut(id).filter(|held| held.is_logged() != indexed).map(Held::pending)?;
        Some(held.compile())
    }

    /// Every trace that X-Ray's index has.
    pub(crate) fn indexed_traces(&self) -> Vec<Arc<Trace>> {
        let pending: Vec<_> =
            lock(&self.0.traces).held.values_mut().filter(|held| !held.is_logged()).map(Held::pending).collect();
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

    pub(crate) fn retrievals(&self) -> MutexGuard<'_, Retrievals> {
        lock(&self.0.retrievals)
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

/// Of a document that is whole: one in progress comes again.
fn records_of(document: &Document) -> impl Iterator<Item = Value> {
    document.spans.iter().filter(|span| !span.in_progress()).map(|span| record::of(&document.trace_id, span))
}

fn hash(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

impl Traces {
    fn add(&mut self, document: Document, now: f64, config: &Config, logged: bool) {
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
        if logged {
            held.log();
        }
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
        self.refusals.add(rejection);
    }
}

#[cfg(test)]
mod tests;
