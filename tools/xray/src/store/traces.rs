//! Traces in bounded memory.

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use super::{
    config::Config,
    held::{Held, Put},
    refusals::Refusals,
    stats::Stats,
};
use crate::document::{Document, Rejection};

/// Of evicted traces, so that whoever asks for one hears that it was there.
const KEPT_GONE: usize = 100_000;

#[derive(Debug, Default)]
pub(super) struct Traces {
    pub(super) held: HashMap<String, Held>,
    /// Trace ids by arrival, of those that went well: the first is the next to go.
    pub(super) arrivals: BTreeMap<u64, String>,
    /// The same of those that failed or were slow, which somebody will ask for. They hold at most half of the room.
    pub(super) notable: BTreeMap<u64, String>,
    pub(super) notable_bytes: usize,
    /// Hashes of the ids that went, oldest first.
    gone: VecDeque<u64>,
    gone_index: HashSet<u64>,
    next_arrival: u64,
    pub(super) bytes: usize,
    pub(super) stats: Stats,
    pub(super) refusals: Refusals,
}

fn hash(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

impl Traces {
    pub(super) fn add(&mut self, document: Document, now: f64, config: &Config, logged: bool) {
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

    /// Was it held once, and gave way to later ones?
    pub(super) fn was_evicted(&self, id: &str) -> bool {
        self.gone_index.contains(&hash(id)) && !self.held.contains_key(id)
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

    pub(super) fn reject(&mut self, rejection: Rejection) {
        self.stats.rejected += 1;
        self.refusals.add(rejection);
    }
}
