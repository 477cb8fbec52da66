//! What the service remembers: traces in bounded memory, and the counters that say what happened to the rest.

mod config;
mod held;
mod refusals;
mod stats;
mod traces;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

pub use config::Config;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
pub use refusals::Refused;
use serde_json::Value;
pub use stats::Stats;
use tokio::sync::mpsc;

use self::{held::Held, traces::Traces};
use crate::{
    destination::{Destination, Switch},
    document::{self, Document, Rejection},
    groups::Groups,
    otlp, record,
    retrieval::Retrievals,
    sampling::Sampling,
    tags::Tags,
    trace::Trace,
};

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
        lock(&self.0.traces).was_evicted(id)
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

#[cfg(test)]
mod tests;
