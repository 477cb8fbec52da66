//! Golden tests: the drawing is the contract.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const TRACE: &str = "1-6553f100-000000000000000000000001";

fn documents() -> Vec<String> {
    let attempt = |id: &str, start: f64, table: Value| {
        json!({"name": "order-processing-dev-processor", "id": format!("c{id}"), "trace_id": TRACE, "parent_id": "00000000000000b3",
            "origin": "AWS::Lambda::Function", "start_time": start, "end_time": start + 0.4, "fault": true,
            "annotations": {"orderId": "o-1"}, "subsegments": [table]})
    };
    let put = |id: &str, start: f64| {
        json!({"name": "DynamoDB", "id": format!("d{id}"), "namespace": "aws", "start_time": start + 0.1, "end_time": start + 0.3, "fault": true,
            "aws": {"operation": "PutItem", "table_name": "order-processing-dev-orders"}, "http": {"response": {"status": 500}},
            "cause": {"exceptions": [{"id": "00000000000000e1", "type": "InternalServerError", "message": "The request could not be served because the table was being moved from one place to another"}]}})
    };
    let documents = [
        json!({"name": "order-processing-dev-api/dev", "id": "00000000000000a1", "trace_id": TRACE, "origin": "AWS::ApiGateway::Stage",
            "start_time": 100.0, "end_time": 100.5, "http": {"response": {"status": 202}}, "metadata": {"local": {"writtenBy": "local-stack"}},
            "subsegments": [{"name": "Lambda", "id": "00000000000000a2", "namespace": "aws", "start_time": 100.05, "end_time": 100.45, "aws": {"operation": "Invoke"}}]}),
        json!({"name": "order-processing-dev-validator", "id": "00000000000000b1", "trace_id": TRACE, "parent_id": "00000000000000a2", "origin": "AWS::Lambda::Function",
            "start_time": 100.1, "end_time": 100.4, "subsegments": [
                {"name": "parse", "id": "00000000000000b2", "start_time": 100.1, "end_time": 100.101},
                {"name": "enqueue", "id": "00000000000000b3", "start_time": 100.2, "end_time": 100.35}]}),
        attempt("00000000000001", 101.0, put("00000000000001", 101.0)),
        attempt("00000000000002", 103.0, put("00000000000002", 103.0)),
        json!({"name": "order-processing-dev-processor", "id": "c000000000000003", "trace_id": TRACE, "parent_id": "00000000000000b3", "origin": "AWS::Lambda::Function",
            "start_time": 105.0, "end_time": 105.2, "error": true, "cause": "00000000000000e1", "subsegments": [
                {"name": "SQS", "id": "e000000000000001", "namespace": "aws", "start_time": 105.1, "end_time": 105.15,
                 "aws": {"operation": "SendMessage", "queue_url": "http://127.0.0.1:4566/000000000000/order-processing-dev-orders-dlq"}},
                {"name": "settle", "id": "e000000000000002", "start_time": 105.16, "in_progress": true}]}),
        json!({"name": "DynamoDB", "id": "f000000000000001", "trace_id": TRACE, "parent_id": "d00000000000001", "start_time": 101.1, "end_time": 101.3}),
        json!({"name": "DynamoDB", "id": "f000000000000002", "trace_id": TRACE, "parent_id": "d00000000000002", "origin": "AWS::DynamoDB::Table", "inferred": true,
            "start_time": 103.1, "end_time": 103.3, "fault": true, "aws": {"table_name": "order-processing-dev-orders"}, "cause": {"exceptions": [{"message": "x"}]}}),
    ];
    documents.iter().map(Value::to_string).collect()
}

fn trace() -> Trace {
    let mut documents = documents();
    // One inferred node is enough to see.
    documents.remove(5);
    let mut trace = Trace::from_documents(documents).unwrap();
    let report = trace.add_logs([
        format!(r#"{{"timestamp":"1970-01-01T00:01:40.340Z","level":"INFO","message":"order enqueued","traceId":"{TRACE}","spanId":"00000000000000b3","step":"enqueue","outcome":"ok","durationMs":150.2}}"#),
        r#"{"timestamp":101350,"level":"ERROR","message":"step failed","traceId":"6553f100000000000000000000000001","spanId":"c00000000000001","step":"store","outcome":"error","error":"InternalServerError"}"#.to_owned(),
        format!(r#"{{"timestamp":"1970-01-01T00:01:45Z","level":"WARN","message":"no span","traceId":"{TRACE}"}}"#),
        r#"{"traceId":"1-00000000-000000000000000000000001","message":"other"}"#.to_owned(),
        "START RequestId: 1".to_owned(),
    ]);
    assert_eq!((report.placed, report.unplaced, report.other_trace, report.unreadable), (2, 1, 1, 1));
    trace
}

#[test]
fn an_order_that_failed_twice_and_went_to_the_dlq() {
    let drawn = trace().render(&Style::default());
    let golden = include_str!("../../tests/golden/dlq-80.txt");
    assert_eq!(drawn, golden, "drawn:\n{drawn}");
}

#[test]
fn a_short_name_hinders_no_common_beginning() {
    let document = |name: &str, id: &str| {
        json!({"name": name, "id": id, "trace_id": TRACE, "start_time": 1.0, "end_time": 2.0}).to_string()
    };
    let documents = [
        document("shop-dev-api/dev", "00000000000000a1"),
        document("shop-dev-validator", "00000000000000a2"),
        document("processor", "00000000000000a3"),
    ];
    let drawn = Trace::from_documents(documents).unwrap().render(&Style::default());
    assert!(drawn.contains("(prefix shop-dev- omitted)\n"), "{drawn}");
    assert!(drawn.contains("\nprocessor ") && drawn.contains("\nvalidator "), "{drawn}");
}

#[test]
fn a_wider_terminal_shows_whole_names() {
    let drawn = trace().render(&Style { width: 140, ..Style::default() });
    let golden = include_str!("../../tests/golden/dlq-140.txt");
    assert_eq!(drawn, golden, "drawn:\n{drawn}");
}

#[test]
fn colour_changes_nothing_but_colour() {
    let colour = trace().render(&Style { colour: Paint::ALWAYS, ..Style::default() });
    let mut plain = String::new();
    let mut rest = colour.as_str();
    while let Some(at) = rest.find('\u{1b}') {
        plain.push_str(&rest[..at]);
        let end = rest[at..].find('m').unwrap();
        rest = &rest[at + end + 1..];
    }
    plain.push_str(rest);
    let trimmed: Vec<_> = plain.lines().map(str::trim_end).collect();
    let expected = trace().render(&Style::default());
    assert_eq!(trimmed, expected.lines().collect::<Vec<_>>());
    assert!(colour.contains("\u{1b}[31m"));
}

proptest! {
    #[test]
    fn every_line_fits_whatever_the_documents_say(
        spans in proptest::collection::vec((0_u8..30, 0_u8..30, "\\PC{0,40}", -5.0..500.0_f64, proptest::option::of(0.0..90_000.0_f64)), 1..30),
        width in 0_usize..200,
    ) {
        let documents: Vec<String> = spans
            .iter()
            .map(|(id, parent, name, start, took)| {
                json!({"id": format!("{id:016x}"), "parent_id": format!("{parent:016x}"), "name": name, "start_time": start, "end_time": took.map(|t| start + t), "trace_id": TRACE,
                    "fault": id % 3 == 0, "aws": {"operation": name, "table_name": name}, "cause": {"exceptions": [{"message": name.repeat(20)}]}}).to_string()
            })
            .collect();
        let mut trace = Trace::from_documents(&documents).unwrap();
        trace.add_logs(spans.iter().map(|(id, _, name, ..)| json!({"traceId": TRACE, "spanId": format!("{id:016x}"), "message": name.repeat(9), "timestamp": 1}).to_string()));
        let distinct: std::collections::HashSet<u8> = spans.iter().map(|(id, ..)| *id).collect();
        prop_assert_eq!(trace.spans().count(), distinct.len());
        for line in trace.render(&Style { colour: Paint::NEVER, width }).lines() {
            prop_assert!(cli::text::width(line) <= width.max(MIN_WIDTH), "{line}");
            prop_assert!(!line.chars().any(char::is_control));
        }
    }
}
