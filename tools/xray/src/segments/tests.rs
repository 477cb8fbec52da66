use serde_json::{Value, json};

use super::*;
use crate::{
    store::{Config, Store},
    summary::TraceSummary,
};

const TRACE: &str = "1-59602603-23fc5b688855d396af79b496";

#[test]
fn the_three_segments_make_the_trace_that_aws_would_show() {
    let store = Store::new(Config::default());
    let http = |status| Http {
        method: Some("POST".to_owned()),
        url: Some("http://x/orders".to_owned()),
        status: Some(status),
        ..Http::default()
    };
    let documents = [
        api_gateway_stage("api", "dev", TRACE, "00000000000000a1", 1.0)
            .call(
                "00000000000000a2",
                "Lambda",
                json!({"operation": "Invoke", "function_name": "validator"}),
                1.1,
                1.8,
                &http(200),
            )
            .http(&http(202))
            .end(2.0),
        lambda_service("validator", TRACE, "00000000000000b1", 1.1).parent("00000000000000a2").end(1.8),
        lambda_function("validator", TRACE, "00000000000000c1", 1.2)
            .parent("00000000000000b1")
            .phase("00000000000000c2", "Initialization", 1.1, 1.2)
            .aws("request_id", "r-1")
            .end(1.7),
    ];
    for document in documents {
        assert_eq!(store.put(&document.document()), []);
    }
    let trace = store.trace(TRACE).unwrap();
    let kinds: Vec<_> = trace.segments.iter().map(|&s| trace.service(s).kind.unwrap()).collect();
    assert_eq!(kinds, ["AWS::ApiGateway::Stage", "AWS::Lambda", "AWS::Lambda::Function"]);
    assert_eq!(store.stats().removed_fields, 0);
    for (_, document) in trace.documents() {
        let document: Value = serde_json::from_str(&document).unwrap();
        assert_eq!(document["metadata"]["local"]["writtenBy"], "local-stack");
        for subsegment in document["subsegments"].as_array().into_iter().flatten() {
            assert_eq!(subsegment["metadata"]["local"]["writtenBy"], "local-stack");
        }
    }
    let summary = TraceSummary::of(&trace);
    assert_eq!((summary.http.status, summary.entry_point.name.as_str()), (Some(202), "api/dev"));
}

#[test]
fn the_status_decides_fault_error_and_throttle() {
    let flags = |status: u16| {
        let http = Http { status: Some(status), ..Http::default() };
        let document = api_gateway_stage("api", "dev", TRACE, "00000000000000a1", 1.0).http(&http).end(2.0).document();
        let body: Value = serde_json::from_str(&document).unwrap();
        ["fault", "error", "throttle"].map(|flag| body[flag] == json!(true))
    };
    assert_eq!(flags(202), [false; 3]);
    assert_eq!(flags(404), [false, true, false]);
    assert_eq!(flags(429), [false, true, true]);
    assert_eq!(flags(503), [true, false, false]);
}

#[test]
fn without_an_end_it_is_in_progress() {
    let body: Value = serde_json::from_str(&lambda_function("f", TRACE, "00000000000000a1", 1.0).document()).unwrap();
    assert_eq!((&body["in_progress"], body.get("end_time")), (&json!(true), None));
}
