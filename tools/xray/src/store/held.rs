//! One trace in the store.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, OnceLock},
};

use crate::{
    document::{Document, Span},
    trace::{Facts, Trace},
};

#[derive(Debug)]
pub(super) struct Held {
    id: String,
    /// By id of the (sub)segment it was sent as.
    documents: HashMap<String, Entry>,
    bytes: usize,
    facts: Facts,
    snapshot: Option<Arc<Pending>>,
    /// Its place in the order of arrival.
    arrival: u64,
    /// It failed or was slow.
    notable: bool,
    /// Documents of it have gone to CloudWatch Logs: it is not in X-Ray's index.
    logged: bool,
}

/// A trace with a step longer than this is worth keeping.
const SLOW_S: f64 = 1.0;

#[derive(Debug)]
struct Entry {
    spans: Vec<Arc<Span>>,
    bytes: usize,
    order: u32,
}

/// What became of a document.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Put {
    Stored,
    Replaced,
    Stale,
    OverLimit,
}

impl Held {
    pub(super) fn new(id: String, arrival: u64) -> Self {
        Self {
            id,
            documents: HashMap::new(),
            bytes: 0,
            facts: Facts { updated: 0.0, revision: 0, limit_exceeded: false },
            snapshot: None,
            arrival,
            notable: false,
            logged: false,
        }
    }

    pub(super) fn arrival(&self) -> u64 {
        self.arrival
    }

    pub(super) fn is_logged(&self) -> bool {
        self.logged
    }

    pub(super) fn log(&mut self) {
        self.logged = true;
    }

    pub(super) fn is_notable(&self) -> bool {
        self.notable
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn documents(&self) -> usize {
        self.documents.len()
    }

    pub(super) fn put(&mut self, document: Document, now: f64, limit: usize) -> Put {
        let Some(sent) = document.spans.first() else {
            return Put::Stale;
        };
        let failed = |span: &Span| span.fault || span.error || span.throttle;
        let slow = |span: &Span| span.end.is_some_and(|end| end - span.start > SLOW_S);
        self.notable |= document.spans.iter().any(|span| failed(span) || slow(span));
        let key = sent.id.clone();
        let earlier = self.documents.get(&key);
        // Datagrams may overtake each other: an in-progress document never undoes the complete one.
        if sent.in_progress() && earlier.is_some_and(|e| e.spans.first().is_some_and(|s| !s.in_progress())) {
            return Put::Stale;
        }
        let freed = earlier.map_or(0, |entry| entry.bytes);
        let order = earlier.map_or(self.facts.revision, |entry| entry.order);
        // The first document is always kept: a trace of nothing could not say that its limit was exceeded.
        if !self.documents.is_empty() && self.bytes - freed + document.bytes > limit {
            if !self.facts.limit_exceeded {
                self.facts.limit_exceeded = true;
                self.snapshot = None;
            }
            return Put::OverLimit;
        }
        self.bytes = self.bytes - freed + document.bytes;
        self.facts.revision += 1;
        self.facts.updated = now;
        self.snapshot = None;
        let entry = Entry { spans: document.spans.into_iter().map(Arc::new).collect(), bytes: document.bytes, order };
        match self.documents.insert(key, entry) {
            Some(_) => Put::Replaced,
            None => Put::Stored,
        }
    }

    /// A snapshot to be compiled once, by whoever asks first.
    pub(super) fn pending(&mut self) -> Arc<Pending> {
        if let Some(snapshot) = &self.snapshot {
            return Arc::clone(snapshot);
        }
        let mut entries: Vec<_> = self.documents.values().collect();
        entries.sort_by_key(|entry| entry.order);
        let snapshot = Arc::new(Pending {
            id: self.id.clone(),
            spans: unique(entries.iter().flat_map(|entry| &entry.spans)),
            facts: self.facts,
            compiled: OnceLock::new(),
        });
        self.snapshot = Some(Arc::clone(&snapshot));
        snapshot
    }
}

/// One span an id: a complete one before one in progress, else the first.
fn unique<'a>(spans: impl Iterator<Item = &'a Arc<Span>> + Clone) -> Vec<Arc<Span>> {
    let mut seen = HashSet::new();
    let complete = spans.clone().filter(|span| !span.in_progress());
    let unfinished = spans.filter(|span| span.in_progress());
    complete.chain(unfinished).filter(|span| seen.insert(span.id.as_str())).cloned().collect()
}

/// The spans of a trace, compiled on demand.
#[derive(Debug)]
pub(super) struct Pending {
    id: String,
    spans: Vec<Arc<Span>>,
    facts: Facts,
    compiled: OnceLock<Arc<Trace>>,
}

impl Pending {
    pub(super) fn compile(&self) -> Arc<Trace> {
        Arc::clone(self.compiled.get_or_init(|| Arc::new(Trace::compile(&self.id, &self.spans, self.facts))))
    }
}
