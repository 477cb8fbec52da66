//! The tree that is drawn and handed on as JSON.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use serde_json::{Value, json};
use waterfall::{Attempt, Error, Outcome, Trace};

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
