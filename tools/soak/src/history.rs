//! What the clients know: written before each send, and after each answer. The checker reads nothing else of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    sync::Mutex,
};

use anyhow::{Context as _, Result, anyhow};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A line of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "camelCase")]
pub(crate) enum Entry {
    /// About to be sent, perhaps once more.
    Sent {
        order: String,
        hash: String,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        trace: Option<String>,
    },
    /// 202.
    Acked { order: String, id: Uuid },
    /// An answer that says that it is not accepted.
    Refused { order: String, status: u16 },
    /// No answer, or one that leaves it open.
    Unknown { order: String, why: String },
    /// About to be sent to the queue itself, by somebody who is no client.
    Foreign { name: String, reason: String },
}

/// The file that is written.
#[derive(Debug)]
pub(crate) struct History {
    path: PathBuf,
    file: Mutex<File>,
}

impl History {
    pub(crate) fn create(path: PathBuf) -> Result<Self> {
        let file = File::create(&path).with_context(|| format!("can't write {}", path.display()))?;
        Ok(Self { path, file: Mutex::new(file) })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Written when it returns: a crash of this process forgets no send.
    pub(crate) fn write(&self, entry: &Entry) -> Result<()> {
        let line = serde_json::to_string(entry)? + "\n";
        let mut file = self.file.lock().map_err(|_| anyhow!("another writer of the history failed"))?;
        file.write_all(line.as_bytes()).with_context(|| format!("can't write {}", self.path.display()))
    }
}

/// What the clients know of an order after all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Known {
    /// No attempt of it was accepted.
    Refused,
    /// An attempt may have been accepted.
    Unknown,
    /// An attempt was.
    Acked,
}

/// An order, as the clients know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) hash: String,
    /// By the answers so far.
    told: Known,
    /// Attempts without an entry for their answer: this process was ended meanwhile.
    open: u64,
    /// That answers have named.
    pub(crate) ids: BTreeSet<Uuid>,
    /// Attempts with an answer of 202.
    pub(crate) acks: u64,
    pub(crate) attempts: u64,
    /// Of its attempts that are recorded.
    pub(crate) traces: Vec<String>,
}

impl Order {
    pub(crate) fn known(&self) -> Known {
        if self.open > 0 { self.told.max(Known::Unknown) } else { self.told }
    }
}

/// What the history says in the end.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// By name.
    pub(crate) orders: BTreeMap<String, Order>,
    /// Messages that must be dead letters: name, and the kind of the reason.
    pub(crate) foreign: BTreeMap<String, String>,
}

impl Told {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let file = File::open(path).with_context(|| format!("can't read {}", path.display()))?;
        let mut told = Self::default();
        for line in BufReader::new(file).lines() {
            told.take(serde_json::from_str(&line?).with_context(|| format!("{} is broken", path.display()))?);
        }
        Ok(told)
    }

    pub(crate) fn take(&mut self, entry: Entry) {
        match entry {
            Entry::Sent { order, hash, trace } => {
                let order = self.orders.entry(order).or_insert_with(|| Order {
                    hash,
                    told: Known::Refused,
                    open: 0,
                    ids: BTreeSet::new(),
                    acks: 0,
                    attempts: 0,
                    traces: Vec::new(),
                });
                order.attempts += 1;
                order.open += 1;
                order.traces.extend(trace);
            }
            Entry::Acked { order, id } => self.answered(&order, Known::Acked, Some(id)),
            Entry::Refused { order, .. } => self.answered(&order, Known::Refused, None),
            Entry::Unknown { order, .. } => self.answered(&order, Known::Unknown, None),
            Entry::Foreign { name, reason } => drop(self.foreign.insert(name, reason)),
        }
    }

    fn answered(&mut self, order: &str, known: Known, id: Option<Uuid>) {
        if let Some(order) = self.orders.get_mut(order) {
            order.told = order.told.max(known);
            order.open = order.open.saturating_sub(1);
            order.acks += u64::from(known == Known::Acked);
            order.ids.extend(id);
        }
    }

    pub(crate) fn count(&self, known: Known) -> u64 {
        self.orders.values().filter(|order| order.known() == known).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(order: &str) -> Entry {
        Entry::Sent { order: order.into(), hash: "h".into(), trace: None }
    }

    #[test]
    fn one_answer_of_acceptance_makes_an_order_acked_and_one_open_answer_unknown() {
        let id = Uuid::from_u128(7);
        let mut told = Told::default();
        let (a, b, c): (String, String, String) = ("a".into(), "b".into(), "c".into());
        for entry in [
            sent("a"),
            Entry::Unknown { order: a.clone(), why: "reset".into() },
            sent("a"),
            Entry::Acked { order: a, id },
            sent("b"),
            Entry::Unknown { order: b.clone(), why: "503".into() },
            sent("b"),
            Entry::Refused { order: b, status: 503 },
            sent("c"),
            Entry::Refused { order: c, status: 400 },
        ] {
            told.take(entry);
        }
        let known: Vec<_> = told.orders.values().map(Order::known).collect();
        assert_eq!(known, [Known::Acked, Known::Unknown, Known::Refused]);
        assert_eq!(told.orders["a"].ids, BTreeSet::from([id]));
        assert_eq!(told.orders["b"].attempts, 2);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let history = History::create(folder.path().join("history.jsonl")).unwrap();
        history.write(&sent("a")).unwrap();
        history.write(&Entry::Foreign { name: "p".into(), reason: "Undecodable".into() }).unwrap();
        let told = Told::read(history.path()).unwrap();
        assert_eq!((told.orders.len(), told.foreign.len(), told.count(Known::Unknown)), (1, 1, 1));
    }
}
