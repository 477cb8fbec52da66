use super::*;
use crate::{
    history::Entry,
    observe::{Letter, Traced, logs::OrderLines},
};

const ID: Uuid = Uuid::from_u128(7);

fn told(known: Known) -> Told {
    let mut told = Told::default();
    let name = || "Soak 1".to_owned();
    told.take(Entry::Sent { order: name(), hash: "h".into(), trace: Some("1-a".into()) });
    told.take(match known {
        Known::Acked => Entry::Acked { order: name(), id: ID },
        Known::Unknown => Entry::Unknown { order: name(), why: "reset".into() },
        Known::Refused => Entry::Refused { order: name(), status: 503 },
    });
    told
}

fn item() -> Item {
    Item { id: ID, name: "Soak 1".into(), hash: "h".into() }
}

/// Everything as it is when one order went its way.
fn facts() -> Facts {
    let units = vec!["processor record ok".to_owned(), "validator handler accepted".to_owned()];
    let mut facts = Facts { items: vec![item()], ..Facts::default() };
    facts.alarm.state = "OK".into();
    facts.lines.orders.insert(ID, OrderLines { accepted: 1, stored: 1, ..OrderLines::default() });
    facts.lines.outcomes = [("validator accepted".into(), 1), ("processor ok".into(), 1)].into();
    facts.lines.messages.insert("m".into());
    facts.lines.traces.insert("1-a".into(), units.clone());
    facts.traces = vec![Traced { id: "1-a".into(), units }];
    let metrics = [("validator OrdersAccepted", 1), ("processor OrdersStored", 1), ("queue NumberOfMessagesSent", 1)];
    facts.metrics.0 = metrics.map(|(name, value)| (name.to_owned(), value)).into();
    facts
}

fn words(told: &Told, facts: &Facts) -> Vec<Word> {
    let mut words: Vec<_> = check(told, facts).findings.into_iter().map(|finding| finding.word).collect();
    words.dedup();
    words
}

#[test]
fn an_order_that_went_its_way_is_no_finding_whether_its_client_knows_or_not() {
    assert_eq!(words(&told(Known::Acked), &facts()), []);
    let verdict = check(&told(Known::Unknown), &facts());
    assert_eq!((verdict.findings.len(), verdict.recovered), (0, 1), "{:?}", verdict.findings);
}

#[test]
fn an_accepted_order_that_is_nowhere_is_lost_and_a_dead_letter_is_not() {
    let mut gone = facts();
    gone.items.clear();
    assert!(words(&told(Known::Acked), &gone).contains(&Word::Lost));
    gone.letters.push(Letter { name: "Soak 1".into(), reason: "Retries used up".into() });
    let verdict = check(&told(Known::Acked), &gone);
    assert_eq!((verdict.count(Word::Lost), verdict.dead), (0, 1));
}

#[test]
fn an_order_under_two_ids_is_duplicated() {
    let mut twice = facts();
    twice.items.push(Item { id: Uuid::from_u128(8), ..item() });
    assert!(words(&told(Known::Acked), &twice).contains(&Word::Duplicated));
}

#[test]
fn what_was_refused_or_never_sent_is_unexpected() {
    assert!(words(&told(Known::Refused), &facts()).contains(&Word::Unexpected));
    assert!(words(&Told::default(), &facts()).contains(&Word::Unexpected));
    let mut letter = facts();
    letter.letters.push(Letter { name: "no order".into(), reason: "none".into() });
    assert_eq!(words(&told(Known::Acked), &letter), [Word::Unexpected]);
}

#[test]
fn another_content_than_was_sent_is_changed() {
    let mut other = facts();
    other.items[0].hash = "other".into();
    assert_eq!(words(&told(Known::Acked), &other), [Word::Changed]);
}

#[test]
fn poison_that_is_no_dead_letter_is_lost() {
    let mut told = told(Known::Acked);
    told.take(Entry::Foreign { name: "poison".into(), reason: "Undecodable".into() });
    assert_eq!(words(&told, &facts()), [Word::Lost]);
    let mut dead = facts();
    dead.letters.push(Letter { name: "poison".into(), reason: "Undecodable".into() });
    assert_eq!(check(&told, &dead).foreign, 1);
    dead.letters[0].reason = "Retries used up".into();
    assert_eq!(words(&told, &dead), [Word::Changed]);
}

#[test]
fn a_metric_that_was_not_counted_or_a_trace_without_its_record_disagrees() {
    for name in ["validator OrdersAccepted", "processor OrdersStored", "queue NumberOfMessagesSent"] {
        let mut uncounted = facts();
        uncounted.metrics.0.insert(name.into(), 0);
        assert_eq!(words(&told(Known::Acked), &uncounted), [Word::Disagrees], "{name}");
    }
    let mut cut = facts();
    cut.traces[0].units.pop();
    assert_eq!(words(&told(Known::Acked), &cut), [Word::Disagrees]);
}

#[test]
fn an_order_that_was_dead_before_anybody_knew_it_stored_is_accounted_for_by_its_redrive() {
    let mut later = facts();
    let lines = OrderLines { accepted: 1, failed: 3, duplicate: 1, ..OrderLines::default() };
    later.lines.orders.insert(ID, lines);
    later.lines.outcomes = [("validator accepted".into(), 1), ("processor duplicate".into(), 1)].into();
    later.lines.failed = 3;
    later.lines.traces.clear();
    later.traces.clear();
    for (name, value) in [("OrdersStored", 0), ("OrdersDuplicate", 1), ("OrdersDead", 1), ("RecordFailures", 3)] {
        later.metrics.0.insert(format!("processor {name}"), value);
    }
    assert_eq!(words(&told(Known::Acked), &later), []);
}

#[test]
fn a_fired_alarm_is_one() {
    let mut fired = facts();
    fired.alarm.fired = 1;
    assert_eq!(words(&told(Known::Acked), &fired), [Word::Alarmed]);
    let mut gap = facts();
    gap.metrics.0.insert("validator OrdersAccepted".into(), 9);
    assert!(words(&told(Known::Acked), &gap).contains(&Word::Alarmed));
}
