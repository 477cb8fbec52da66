//! The tree that is drawn and handed on as JSON.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use serde_json::{Value, json};
use waterfall::{Attempt, Error, Outcome, Owner, Rest, Span, Trace};

fn trace(documents: &[Value]) -> Trace {
    Trace::from_documents(documents.iter().map(Value::to_string)).unwrap()
}

fn span(id: u32, parent: u32, start: f64, more: Value) -> Value {
    let mut span = json!({"name": "work", "id": format!("{id:016x}"), "parent_id": format!("{parent:016x}"), "start_time": start, "end_time": start + 1.0});
    span.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    span
}

fn attempts(documents: &[Value]) -> Vec<Option<(usize, usize)>> {
    trace(documents).roots.iter().map(|s| s.attempt.map(|Attempt { number, of }| (number, of))).collect()
}

#[test]
fn attempts_are_the_same_work_after_a_failure() {
    let failed = json!({"fault": true});
    assert_eq!(
        attempts(&[span(1, 0, 0.0, failed.clone()), span(2, 0, 2.0, failed.clone()), span(3, 0, 4.0, json!({}))]),
        [Some((1, 3)), Some((2, 3)), Some((3, 3))]
    );
    // A success ends the run; what follows is work of its own.
    assert_eq!(attempts(&[span(1, 0, 0.0, json!({})), span(2, 0, 2.0, json!({}))]), [None, None]);
    // At the same time is not again.
    assert_eq!(attempts(&[span(1, 0, 0.0, failed.clone()), span(2, 0, 0.5, failed.clone())]), [None, None]);
    // Another name, operation or resource is other work.
    for more in [
        json!({"name": "other"}),
        json!({"aws": {"operation": "GetItem"}}),
        json!({"aws": {"table_name": "t"}}),
        json!({"origin": "x"}),
    ] {
        assert_eq!(attempts(&[span(1, 0, 0.0, failed.clone()), span(2, 0, 2.0, more)]), [None, None]);
    }
}

#[test]
fn the_way_to_the_dead_letter_queue_is_seen_by_call_or_by_annotation() {
    let dead = |more: Value| trace(&[span(1, 0, 0.0, more)]).roots[0].dead_letter;
    let send = |operation: &str, url: &str| json!({"aws": {"operation": operation, "queue_url": url}});
    assert!(dead(send("SendMessage", "http://q/0/orders-dlq")));
    assert!(dead(send("SendMessageBatch", "http://q/0/orders-dlq.fifo")));
    assert!(dead(json!({"annotations": {"outcome": "moved_to_dlq"}})));
    assert!(!dead(send("ReceiveMessage", "http://q/0/orders-dlq")));
    assert!(!dead(send("SendMessage", "http://q/0/orders")));
    assert!(!dead(json!({"annotations": {"outcome": "stored"}})));
}

#[test]
fn the_worst_flag_is_the_outcome() {
    let outcome = |more: Value| trace(&[span(1, 0, 0.0, more)]).roots[0].outcome;
    assert_eq!(outcome(json!({})), Outcome::Ok);
    assert_eq!(outcome(json!({"error": true})), Outcome::Error);
    assert_eq!(outcome(json!({"error": true, "throttle": true})), Outcome::Throttle);
    assert_eq!(outcome(json!({"error": true, "throttle": true, "fault": true})), Outcome::Fault);
    assert_eq!(outcome(json!({"end_time": null, "in_progress": true})), Outcome::InProgress);
}

#[test]
fn a_chain_of_any_length_becomes_a_tree() {
    let documents: Vec<Value> = (1..5000).map(|id| span(id, id - 1, f64::from(id), json!({}))).collect();
    let trace = trace(&documents);
    assert_eq!((trace.roots.len(), trace.spans().count()), (1, 4999));
    assert!(serde_json::to_string(&trace).is_ok());
}

#[test]
fn json_leaves_out_what_is_not_known() {
    let trace = trace(&[span(
        1,
        0,
        10.0,
        json!({"trace_id": "1-6553f100-000000000000000000000001", "annotations": {"orderId": "o"}}),
    )]);
    assert_eq!(
        serde_json::to_value(&trace).unwrap(),
        json!({"traceId": "1-6553f100-000000000000000000000001", "startTime": 10.0, "durationMs": 1000.0, "outcome": "ok", "logs": [], "roots": [
            {"id": "0000000000000001", "kind": "segment", "name": "work", "startMs": 0.0, "durationMs": 1000.0, "outcome": "ok",
             "annotations": {"orderId": "o"}, "inferred": false, "supplied": false, "deadLetter": false}]})
    );
}

#[test]
fn errors_say_what_to_do() {
    let empty = Trace::from_documents(Vec::<String>::new()).unwrap_err();
    assert!(matches!(empty, Error::Empty) && empty.to_string().contains("again"));
    let bad = Trace::from_documents(["{}"]).unwrap_err();
    assert!(bad.to_string().starts_with("segment document 0 cannot be read"), "{bad}");
}

/// Asked for is what carries the annotation `order: a`.
fn owner(span: &Span) -> Owner {
    match span.annotations.get("order").and_then(Value::as_str) {
        Some("a") => Owner::Asked,
        Some(_) => Owner::Other,
        None => Owner::Shared,
    }
}

#[test]
fn another_s_branches_are_left_out_and_told() {
    let of = |order: &str, more: Value| {
        let mut all = json!({"annotations": {"order": order}});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    // A client's own span, two requests under it with their work, and a third of nobody's beside it.
    let mut trace = trace(&[
        span(1, 0, 0.0, json!({})),
        span(2, 1, 0.0, json!({"fault": true})),
        span(3, 2, 0.0, of("b", json!({"fault": true}))),
        span(4, 1, 10.0, json!({})),
        span(5, 4, 10.0, of("a", json!({}))),
        span(6, 4, 10.5, json!({"name": "shared"})),
        span(7, 99, 20.0, json!({"error": true})),
    ]);
    trace.focus(owner);
    let ids: Vec<_> = trace.spans().map(|span| span.id.trim_start_matches('0').to_owned()).collect();
    assert_eq!(ids, ["1", "4", "5", "6"]);
    assert_eq!(trace.rest, Some(Rest { branches: 2, failed: 2, spans: 3 }));
    let drawn = trace.render(&waterfall::Style::default());
    assert!(drawn.contains("and 2 branches of others under this trace id, 3 spans, 2 of them failed"), "{drawn}");
}

#[test]
fn the_outcome_and_the_times_are_those_of_what_was_asked_for() {
    let mut both = trace(&[
        span(1, 0, 0.0, json!({"fault": true, "annotations": {"order": "b"}})),
        span(2, 0, 10.0, json!({"annotations": {"order": "a"}})),
    ]);
    assert_eq!((both.outcome, both.duration_ms), (Outcome::Fault, 11_000.0));
    both.focus(owner);
    assert_eq!((both.outcome, both.duration_ms, both.start_time), (Outcome::Ok, 1_000.0, 10.0));
    assert_eq!(both.roots[0].start_ms, 0.0);

    let mut none = trace(&[span(1, 0, 0.0, json!({"annotations": {"order": "b"}}))]);
    let whole = none.clone();
    none.focus(owner);
    assert_eq!(none, whole);
}

#[test]
fn attempts_are_numbered_among_what_is_left() {
    let attempt = |id: u32, order: &str, fault: bool| {
        span(id, 0, f64::from(id) * 2.0, json!({"fault": fault, "annotations": {"order": order}}))
    };
    let mut trace =
        trace(&[attempt(1, "b", true), attempt(2, "a", true), attempt(3, "b", true), attempt(4, "a", false)]);
    trace.focus(owner);
    let numbers: Vec<_> = trace.roots.iter().map(|span| span.attempt.map(|a| (a.number, a.of))).collect();
    assert_eq!(numbers, [Some((1, 2)), Some((2, 2))]);
}
