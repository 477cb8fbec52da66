use ::waterfall::Trace;

use super::*;
use crate::Theme;

/// An order that was stored at its second try.
fn trace() -> Trace {
    let id = "1-65536f00-0123456789abcdef01234567";
    let documents = [
        r#"{"trace_id": "ID", "id": "00000000000000a1", "name": "orders-api", "origin": "AWS::ApiGateway::Stage", "start_time": 1700000000.0, "end_time": 1700000000.09, "http": {"response": {"status": 202}}}"#,
        r#"{"trace_id": "ID", "id": "00000000000000a2", "parent_id": "00000000000000a1", "name": "validator", "origin": "AWS::Lambda::Function", "start_time": 1700000000.01, "end_time": 1700000000.08, "subsegments": [{"id": "00000000000000b1", "name": "validate <order>", "start_time": 1700000000.02, "end_time": 1700000000.03}, {"id": "00000000000000b2", "name": "SQS", "namespace": "aws", "start_time": 1700000000.04, "end_time": 1700000000.07, "aws": {"operation": "SendMessage", "queue_url": "https://sqs/1/orders"}}]}"#,
        r#"{"trace_id": "ID", "id": "00000000000000a3", "parent_id": "00000000000000b2", "name": "processor", "origin": "AWS::Lambda::Function", "start_time": 1700000000.3, "end_time": 1700000000.5, "fault": true, "cause": {"exceptions": [{"id": "00000000000000e1", "type": "Throttled", "message": "later"}]}}"#,
        r#"{"trace_id": "ID", "id": "00000000000000a4", "parent_id": "00000000000000b2", "name": "processor", "origin": "AWS::Lambda::Function", "start_time": 1700000001.0, "end_time": 1700000001.1, "subsegments": [{"id": "00000000000000b4", "name": "DynamoDB", "namespace": "aws", "start_time": 1700000001.02, "end_time": 1700000001.06, "aws": {"operation": "PutItem", "table_name": "orders"}}]}"#,
    ];
    let documents: Vec<String> = documents.iter().map(|document| document.replace("ID", id)).collect();
    Trace::from_documents(documents.iter().map(String::as_str)).unwrap()
}

#[test]
fn every_span_has_a_bar_a_name_and_a_row_in_the_table() {
    let trace = trace();
    let picture = waterfall(&trace, 1000, Theme::Light);
    let spans = trace.spans().count();
    assert_eq!(table(&trace).rows.len(), spans);
    for span in trace.spans() {
        assert!(picture.svg.contains(&span.name.replace('<', "&lt;").replace('>', "&gt;")), "{}", span.name);
    }
    assert!(!picture.svg.contains("<order>"));
    assert!(picture.svg.contains("<title>Trace 1-65536f00") && picture.svg.contains("<desc>"));
    assert_eq!(picture, waterfall(&trace, 1000, Theme::Light));
}

#[test]
fn the_map_has_a_node_for_each_service_and_a_dashed_arrow_behind_the_queue() {
    let map = Map::of(&trace());
    let names: Vec<_> = map.nodes.iter().map(|node| node.name.as_str()).collect();
    assert!(["orders-api", "validator", "processor"].iter().all(|name| names.contains(name)), "{names:?}");
    let processor = map.nodes.iter().find(|node| node.name == "processor").unwrap();
    assert_eq!((processor.calls, processor.failed), (2, 1));
    let picture = map.draw("Map", Theme::Dark);
    assert!(picture.svg.contains("2 calls, 1 not well"), "{}", picture.svg);
}
