//! The model: what may be there in the end, given what the clients know. Everything else is a finding.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;
use uuid::Uuid;

use crate::{
    history::{Known, Told},
    observe::{Facts, Item, metrics::SENT},
    orders::NAME,
};

/// What is wrong with an order, in the words of Jepsen's checker of queues, and where it has none in ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Word {
    /// Accepted, and neither stored nor a dead letter.
    Lost,
    /// Stored more than once.
    Duplicated,
    /// There, though nobody sent it, or its refusal was told.
    Unexpected,
    /// Stored as something else than was sent.
    Changed,
    /// Two sources tell different numbers.
    Disagrees,
    /// An alarm that should not have, has fired.
    Alarmed,
}

/// Something that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What kind of wrong it is.
    pub word: Word,
    /// What, with its name.
    pub what: String,
}

/// Two counts of the same by sources that don't know of each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Agreement {
    pub(crate) what: &'static str,
    pub(crate) one: (&'static str, u64),
    pub(crate) other: (&'static str, u64),
}

/// What the check came to.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// All that does not hold.
    pub findings: Vec<Finding>,
    /// Orders that were sent.
    pub sent: u64,
    /// Orders that were accepted, as their clients know.
    pub acked: u64,
    /// Orders that were not accepted, as their clients know.
    pub refused: u64,
    /// Orders of which their clients don't know.
    pub unknown: u64,
    /// Of those the ones that are stored.
    pub recovered: u64,
    /// Orders in the table.
    pub stored: u64,
    /// Accepted orders that are dead letters, with a reason.
    pub dead: u64,
    /// Messages of others that are dead letters, as they must be.
    pub foreign: u64,
    /// Accepted, and in none of the metrics of what became of orders.
    pub unaccounted: u64,
    pub(crate) agreements: Vec<Agreement>,
}

impl Verdict {
    /// How many findings of a word.
    #[must_use]
    pub fn count(&self, word: Word) -> u64 {
        self.findings.iter().filter(|finding| finding.word == word).count() as u64
    }

    fn find(&mut self, word: Word, what: impl Into<String>) {
        self.findings.push(Finding { word, what: what.into() });
    }

    fn agree(&mut self, what: &'static str, one: (&'static str, u64), other: (&'static str, u64)) {
        if one.1 != other.1 {
            self.find(Word::Disagrees, format!("{what}: {} says {}, {} says {}", one.0, one.1, other.0, other.1));
        }
        self.agreements.push(Agreement { what, one, other });
    }
}

/// Holds everything that there is against the model.
pub(crate) fn check(told: &Told, facts: &Facts) -> Verdict {
    let mut verdict = Verdict {
        sent: told.orders.len() as u64,
        acked: told.count(Known::Acked),
        refused: told.count(Known::Refused),
        unknown: told.count(Known::Unknown),
        ..Verdict::default()
    };
    orders(told, facts, &mut verdict);
    letters(told, facts, &mut verdict);
    logs(told, facts, &mut verdict);
    metrics(facts, &mut verdict);
    traces(told, facts, &mut verdict);
    alarm(facts, &mut verdict);
    verdict
}

/// The alarm on orders that are unaccounted for, and its equation at rest, where nothing waits any more.
fn alarm(facts: &Facts, verdict: &mut Verdict) {
    let Facts { alarm, metrics, .. } = facts;
    if alarm.fired > 0 || !["OK", "INSUFFICIENT_DATA"].contains(&alarm.state.as_str()) {
        verdict.find(Word::Alarmed, format!("orders-unaccounted fired {} times, and is {}", alarm.fired, alarm.state));
    }
    let seen: u64 =
        ["OrdersStored", "OrdersRepeated", "OrdersDead"].iter().map(|name| metrics.of(("processor", name))).sum();
    let accepted = metrics.of(("validator", "OrdersAccepted"));
    verdict.unaccounted = accepted.saturating_sub(seen);
    if verdict.unaccounted > ALARM_THRESHOLD {
        verdict.find(
            Word::Alarmed,
            format!("{accepted} orders were accepted, and {seen} were seen again, say the metrics"),
        );
    }
}

/// So many orders the alarm takes for messages that are on their way between two looks.
const ALARM_THRESHOLD: u64 = 5;

fn orders(told: &Told, facts: &Facts, verdict: &mut Verdict) {
    let mut stored: HashMap<&str, Vec<&Item>> = HashMap::new();
    for item in &facts.items {
        stored.entry(&item.name).or_default().push(item);
    }
    let dead: BTreeSet<&str> = facts.letters.iter().map(|letter| letter.name.as_str()).collect();
    verdict.stored = facts.items.len() as u64;
    for (name, order) in &told.orders {
        let items = stored.remove(name.as_str()).unwrap_or_default();
        if items.len() > 1 {
            let ids: Vec<_> = items.iter().map(|item| item.id.to_string()).collect();
            verdict.find(Word::Duplicated, format!("`{name}` is stored as {}", ids.join(" and ")));
        }
        for item in &items {
            if item.hash != order.hash {
                verdict.find(
                    Word::Changed,
                    format!("`{name}` ({}) is stored with another content than was sent", item.id),
                );
            }
            if !order.ids.is_empty() && !order.ids.contains(&item.id) {
                verdict.find(Word::Unexpected, format!("`{name}` is stored as {}, which no answer has named", item.id));
            }
        }
        match (order.known(), items.is_empty()) {
            (Known::Acked, true) if dead.contains(name.as_str()) => verdict.dead += 1,
            (Known::Acked, true) => {
                let ids: Vec<_> = order.ids.iter().map(Uuid::to_string).collect();
                verdict.find(Word::Lost, format!("`{name}` ({}) was accepted, and is nowhere", ids.join(", ")));
            }
            (Known::Unknown, false) => verdict.recovered += 1,
            (Known::Refused, false) => {
                verdict.find(Word::Unexpected, format!("`{name}` was refused, and is stored"));
            }
            _ => {}
        }
    }
    for (name, items) in stored {
        let ids: Vec<_> = items.iter().map(|item| item.id.to_string()).collect();
        verdict.find(Word::Unexpected, format!("`{name}` ({}) is stored, and no client has sent it", ids.join(", ")));
    }
    if facts.waiting > 0 {
        verdict.find(Word::Lost, format!("{} messages are still in the queue", facts.waiting));
    }
}

fn letters(told: &Told, facts: &Facts, verdict: &mut Verdict) {
    let mut reasons: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for letter in &facts.letters {
        reasons.entry(&letter.name).or_default().insert(&letter.reason);
    }
    for (name, reason) in &told.foreign {
        match reasons.remove(name.as_str()) {
            Some(given) if given.contains(reason.as_str()) => verdict.foreign += 1,
            Some(given) => {
                verdict.find(Word::Changed, format!("`{name}` is a dead letter for {given:?}, not {reason}"))
            }
            None => verdict.find(Word::Lost, format!("`{name}` is no order, and no dead letter either")),
        }
    }
    for (name, given) in reasons {
        if !told.orders.contains_key(name) {
            verdict.find(Word::Unexpected, format!("`{name}` is a dead letter for {given:?}, and nobody sent it"));
        }
    }
}

/// The functions' own lines against what clients and table know.
fn logs(told: &Told, facts: &Facts, verdict: &mut Verdict) {
    let lines = &facts.lines;
    let ours: BTreeSet<Uuid> = facts.items.iter().map(|item| item.id).collect();
    let by_log = |has: &dyn Fn(&crate::observe::logs::OrderLines) -> bool| {
        lines.orders.iter().filter(|(_, order)| has(order)).map(|(id, _)| *id).collect::<BTreeSet<_>>()
    };
    let accepted = by_log(&|order| order.accepted + order.again > 0);
    let acked: BTreeSet<Uuid> = told
        .orders
        .values()
        .filter(|order| order.known() == Known::Acked)
        .flat_map(|order| order.ids.clone())
        .collect();
    verdict.agree(
        "accepted orders that the validator's log knows",
        ("client", acked.len() as u64),
        ("logs", acked.intersection(&accepted).count() as u64),
    );
    let stored = by_log(&|order| order.is_stored() || order.is_found_later());
    verdict.agree(
        "orders in the table",
        ("table", ours.len() as u64),
        ("logs", stored.intersection(&ours).count() as u64),
    );
    verdict.agree("orders that the log calls stored", ("logs", stored.len() as u64), ("table", ours.len() as u64));
}

/// Our metrics against the lines that they stand for: to the unit.
fn metrics(facts: &Facts, verdict: &mut Verdict) {
    let (lines, metrics) = (&facts.lines, &facts.metrics);
    let outcome = |of: &str| lines.outcome(of);
    for (what, service, name, logged) in [
        ("OrdersAccepted", "validator", "OrdersAccepted", outcome("validator accepted")),
        ("OrdersRepeated of the validator", "validator", "OrdersRepeated", outcome("validator repeated")),
        ("OrdersRejected", "validator", "OrdersRejected", outcome("validator rejected")),
        ("OrdersStored", "processor", "OrdersStored", outcome("processor ok") + outcome("processor recovered")),
        ("OrdersDuplicate", "processor", "OrdersDuplicate", outcome("processor duplicate")),
        ("OrdersRepeated of the processor", "processor", "OrdersRepeated", outcome("processor repeated")),
        ("RecordFailures", "processor", "RecordFailures", lines.failed),
        ("RecordsMovedToDlq", "processor", "RecordsMovedToDlq", lines.moved),
    ] {
        verdict.agree(what, ("metrics", metrics.of((service, name))), ("logs", logged));
    }
    let again: u64 = lines.orders.values().map(|order| (order.stored + order.recovered).saturating_sub(1)).sum();
    let later = lines.orders.values().filter(|order| order.is_found_later()).count() as u64;
    verdict.agree(
        "OrdersStored, less deliveries beside one that stored it, and orders that were dead first",
        ("metrics", (metrics.of(("processor", "OrdersStored")) + later).saturating_sub(again)),
        ("table", facts.items.len() as u64),
    );
    verdict.agree(
        "messages sent to the orders queue",
        ("AWS/SQS", metrics.of(SENT)),
        ("processor's logs", lines.messages.len() as u64),
    );
}

/// What was recorded of a request against its log lines.
fn traces(told: &Told, facts: &Facts, verdict: &mut Verdict) {
    let asked: BTreeSet<&String> = told.orders.values().flat_map(|order| &order.traces).collect();
    let found: HashMap<&str, &Vec<String>> =
        facts.traces.iter().map(|trace| (trace.id.as_str(), &trace.units)).collect();
    let (mut logged, mut traced) = (0, 0);
    for id in asked {
        let mut lines = facts.lines.traces.get(id).cloned().unwrap_or_default();
        lines.sort();
        let units = found.get(id.as_str()).copied().cloned().unwrap_or_default();
        logged += lines.len() as u64;
        traced += units.len() as u64;
        if units != lines {
            verdict.find(Word::Disagrees, format!("trace {id}: traces say {units:?}, logs say {lines:?}"));
        }
    }
    verdict.agree("units of work in the traces that were asked for", ("traces", traced), ("logs", logged));
}

/// Orders of this run, and not of whoever started the stack.
pub(crate) fn is_ours(item: &Item) -> bool {
    item.name.starts_with(NAME)
}

#[cfg(test)]
mod tests;
