use serde_json::{Value, json};

use crate::store::{Config, Store};

const TRACE: &str = "1-59602603-23fc5b688855d396af79b496";

fn put(documents: &[Value]) -> Store {
    let store = Store::new(Config::default());
    for document in documents {
        let mut document = document.clone();
        document["trace_id"] = json!(TRACE);
        assert_eq!(store.put(&document.to_string()), []);
    }
    store
}

fn documents(store: &Store) -> Vec<Value> {
    let trace = store.trace(TRACE).unwrap();
    trace.documents().map(|(_, text)| serde_json::from_str(&text).unwrap()).collect()
}

fn id(n: u64) -> String {
    format!("{n:016x}")
}

#[test]
fn independent_subsegments_are_put_into_their_parents() {
    let store = put(&[
        json!({"type": "subsegment", "name": "inner", "id": id(3), "parent_id": id(2), "start_time": 2, "end_time": 3}),
        json!({"type": "subsegment", "name": "outer", "id": id(2), "parent_id": id(1), "start_time": 1, "end_time": 4}),
        json!({"name": "segment", "id": id(1), "start_time": 0, "end_time": 5}),
    ]);
    assert_eq!(
        documents(&store),
        [json!({"name": "segment", "id": id(1), "trace_id": TRACE, "start_time": 0, "end_time": 5, "subsegments": [
            {"name": "outer", "id": id(2), "start_time": 1, "end_time": 4, "subsegments": [
                {"name": "inner", "id": id(3), "start_time": 2, "end_time": 3}]}]})]
    );
}

#[test]
fn a_subsegment_without_its_parent_is_shown_on_its_own_until_the_parent_comes() {
    let orphan =
        json!({"type": "subsegment", "name": "step", "id": id(2), "parent_id": id(1), "start_time": 1, "end_time": 2});
    let store = put(&[orphan]);
    assert_eq!(documents(&store)[0]["type"], "subsegment");
    assert_eq!(documents(&store)[0]["parent_id"], id(1));
    let parent = json!({"name": "segment", "id": id(1), "trace_id": TRACE, "start_time": 0, "end_time": 5});
    store.put(&parent.to_string());
    assert_eq!(documents(&store).len(), 1);
    assert_eq!(store.trace(TRACE).unwrap().root().name, "segment");
}

#[test]
fn a_call_that_nobody_answers_gets_an_inferred_segment_as_in_the_documentation() {
    let store = put(&[json!({"name": "Scorekeep", "id": id(1), "start_time": 0, "end_time": 9, "subsegments": [
        {"id": "4cd3f10b76c624b4", "name": "DynamoDB", "start_time": 1, "end_time": 2, "namespace": "aws", "throttle": true,
         "http": {"response": {"status": 200}}, "aws": {"table_name": "scorekeep-user", "operation": "UpdateItem"}},
        {"id": id(5), "name": "SQS", "start_time": 2, "end_time": 3, "namespace": "aws",
         "aws": {"queue_url": "http://localhost/000000000000/orders", "operation": "SendMessage"}},
        {"id": id(6), "name": "names.example.com", "start_time": 3, "end_time": 4, "namespace": "remote"},
        {"id": id(7), "name": "traced.example.com", "start_time": 4, "end_time": 5, "namespace": "remote", "http": {"request": {"traced": true}}},
        {"id": id(8), "name": "a local step", "start_time": 5, "end_time": 6},
    ]})]);
    let trace = store.trace(TRACE).unwrap();
    let inferred: Vec<_> = trace.segments.iter().filter(|&&s| trace.nodes[s].inferred).collect();
    let services: Vec<_> = inferred.iter().map(|&&s| trace.service(s)).map(|s| (s.name, s.kind.unwrap())).collect();
    let expected = [
        ("scorekeep-user", "AWS::DynamoDB::Table"),
        ("http://localhost/000000000000/orders", "AWS::SQS::Queue"),
        ("names.example.com", "remote"),
    ];
    assert_eq!(services, expected.map(|(name, kind)| (name.to_owned(), kind.to_owned())));

    let table = documents(&store).into_iter().find(|d| d["origin"] == "AWS::DynamoDB::Table").unwrap();
    assert_eq!(
        (&table["inferred"], &table["parent_id"], &table["name"]),
        (&json!(true), &json!("4cd3f10b76c624b4"), &json!("DynamoDB"))
    );
    assert_eq!((&table["throttle"], &table["http"]["response"]["status"]), (&json!(true), &json!(200)));
    assert!(table.get("namespace").is_none());
}

#[test]
fn a_call_that_a_segment_answers_gets_none() {
    let store = put(&[
        json!({"name": "api/dev", "id": id(1), "start_time": 0, "end_time": 9, "subsegments": [
            {"id": id(2), "name": "Lambda", "start_time": 1, "end_time": 8, "namespace": "aws"}]}),
        json!({"name": "validator", "id": id(3), "parent_id": id(2), "origin": "AWS::Lambda", "start_time": 1, "end_time": 8}),
    ]);
    let trace = store.trace(TRACE).unwrap();
    assert!(trace.nodes.iter().all(|node| !node.inferred));
    assert_eq!(trace.segments.len(), 2);
}

#[test]
fn an_id_sent_twice_is_one_span_and_the_complete_one() {
    let store = put(&[
        json!({"type": "subsegment", "name": "step", "id": id(2), "parent_id": id(1), "start_time": 1, "end_time": 2}),
        json!({"name": "segment", "id": id(1), "start_time": 0, "end_time": 5, "subsegments": [
            {"name": "step", "id": id(2), "start_time": 1, "in_progress": true}]}),
    ]);
    let trace = store.trace(TRACE).unwrap();
    assert_eq!(trace.nodes.len(), 2);
    assert!(!trace.is_partial());
}

#[test]
fn subsegments_that_name_each_other_as_parents_are_shown_once_each() {
    let ring = |own: u64, parent: u64| json!({"type": "subsegment", "name": format!("s{own}"), "id": id(own), "parent_id": id(parent), "start_time": own, "end_time": 9, "fault": true});
    let store = put(&[ring(1, 3), ring(2, 1), ring(3, 2), ring(4, 2), ring(5, 5)]);
    let trace = store.trace(TRACE).unwrap();
    let shown: usize = trace.segments.iter().map(|&s| trace.indices_within(s).count()).sum();
    assert_eq!(shown, 5);
    assert!(!crate::root_cause::faults(&trace).is_empty());
    assert!(!crate::graph::of(&[trace]).is_empty());
}

#[test]
fn the_root_is_the_segment_without_a_parent_however_late_it_starts() {
    let store = put(&[
        json!({"name": "worker", "id": id(2), "parent_id": id(9), "start_time": 1, "end_time": 2}),
        json!({"name": "api", "id": id(1), "start_time": 3, "end_time": 4}),
    ]);
    assert_eq!(store.trace(TRACE).unwrap().root().name, "api");
}
