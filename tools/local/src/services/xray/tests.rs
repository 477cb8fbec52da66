use ::xray::trace::Trace;
use axum::http::StatusCode;

use super::*;

const ROOT: &str = "1-65432100-0000000000000000000000a1";

async fn traces() -> Traces {
    Traces::open("us-east-1").await.unwrap().0
}

fn request(trace_header: Option<&str>) -> Request {
    let request = Request::post("/restapis/a1/local/_user_request_/orders?token=secret").header("host", "127.0.0.1:1");
    let request = trace_header.into_iter().fold(request, |request, header| request.header(TRACE_HEADER, header));
    request.body(Body::empty()).unwrap()
}

/// An answer as the emulator gives it, to what it was sent.
fn answered(status: u16, sent: &Request, error_type: Option<&str>) -> Response<Body> {
    let header = sent.headers()[TRACE_HEADER].to_str().unwrap();
    let mut invocation = serde_json::json!({
        "function": "shop-local-validator", "arn": "arn:aws:lambda:us-east-1:000000000000:function:shop-local-validator",
        "requestId": "r-1", "traceHeader": header, "start": now(), "end": now() + 0.01,
    });
    if let Some(error_type) = error_type {
        invocation["errorType"] = error_type.into();
    }
    let answer = serde_json::json!({"api": "shop-local-api", "invocations": [invocation]});
    Response::builder().status(status).header(ANSWER_HEADER, answer.to_string()).body(Body::empty()).unwrap()
}

fn refused(status: StatusCode) -> Response<Body> {
    let answer = r#"{"api": "shop-local-api", "invocations": []}"#;
    Response::builder().status(status).header(ANSWER_HEADER, answer).body(Body::empty()).unwrap()
}

/// Name, parent's name and origin of each segment.
fn nodes(trace: &Trace) -> Vec<(&str, Option<&str>, Option<&str>)> {
    trace
        .nodes
        .iter()
        .map(|node| {
            let parent = node.parent.map(|parent| trace.nodes[parent].span.name.as_str());
            (node.span.name.as_str(), parent, node.span.text(&["origin"]))
        })
        .collect()
}

#[tokio::test]
async fn a_request_that_a_function_answered_is_the_stage_the_service_and_the_function() {
    let traces = traces().await;
    let mut request = request(None);
    let begun = traces.begin(&mut request);
    let mut response = answered(202, &request, None);
    traces.end(&begun, &mut response);

    assert!(!response.headers().contains_key(ANSWER_HEADER), "between emulator and proxy only");
    let header = TraceHeader::parse(response.headers()[TRACE_HEADER].to_str().unwrap()).unwrap();
    let trace = traces.store.trace(&header.root).unwrap();
    let mut nodes = nodes(&trace);
    nodes.sort();
    assert_eq!(
        nodes,
        [
            ("Lambda", Some("shop-local-api/local"), None),
            ("shop-local-api/local", None, Some("AWS::ApiGateway::Stage")),
            ("shop-local-validator", Some("Lambda"), Some("AWS::Lambda")),
            ("shop-local-validator", Some("shop-local-validator"), Some("AWS::Lambda::Function")),
        ]
    );
    let sent = TraceHeader::parse(request.headers()[TRACE_HEADER].to_str().unwrap()).unwrap();
    let function =
        trace.nodes.iter().find(|node| node.span.text(&["origin"]) == Some("AWS::Lambda::Function")).unwrap();
    assert_eq!(sent.parent.as_ref(), Some(&function.span.id), "its subsegments hang on it");
    assert!(trace.documents().all(|(_, document)| !document.contains("secret")), "no query");
    assert!(trace.nodes.iter().all(|node| node.span.ok()));
    assert_eq!(traces.stats().removed_fields, 0);
}

#[tokio::test]
async fn a_request_that_the_gateway_refused_is_the_stage_alone() {
    let traces = traces().await;
    for (status, fault) in [(400, false), (404, false), (405, false), (413, false), (503, true)] {
        let mut request = request(None);
        let begun = traces.begin(&mut request);
        let mut response = refused(StatusCode::from_u16(status).unwrap());
        traces.end(&begun, &mut response);
        let header = TraceHeader::parse(response.headers()[TRACE_HEADER].to_str().unwrap()).unwrap();
        let trace = traces.store.trace(&header.root).unwrap();
        assert_eq!(nodes(&trace), [("shop-local-api/local", None, Some("AWS::ApiGateway::Stage"))]);
        assert_eq!((trace.root().fault, trace.root().error), (fault, !fault), "{status}");
    }
}

#[tokio::test]
async fn a_function_that_failed_is_a_fault_with_its_type() {
    let traces = traces().await;
    let mut request = request(None);
    let begun = traces.begin(&mut request);
    let mut response = answered(502, &request, Some("Sandbox.Timedout"));
    traces.end(&begun, &mut response);
    let header = TraceHeader::parse(response.headers()[TRACE_HEADER].to_str().unwrap()).unwrap();
    let trace = traces.store.trace(&header.root).unwrap();
    assert!(trace.root().fault);
    let function =
        trace.nodes.iter().find(|node| node.span.text(&["origin"]) == Some("AWS::Lambda::Function")).unwrap();
    assert!(function.span.fault);
    assert_eq!(function.span.exceptions()[0].kind.as_deref(), Some("Sandbox.Timedout"));
}

#[tokio::test]
async fn a_client_with_a_trace_is_its_root_and_one_that_is_not_sampled_leaves_none() {
    let traces = traces().await;
    let mut sampled = request(Some(&format!("Root={ROOT};Parent=00000000000000a1;Sampled=1")));
    let begun = traces.begin(&mut sampled);
    let mut response = answered(202, &sampled, None);
    traces.end(&begun, &mut response);
    let trace = traces.store.trace(ROOT).unwrap();
    let stage = trace.nodes.iter().find(|node| node.span.name == "shop-local-api/local").unwrap();
    assert_eq!(stage.span.parent_id.as_deref(), Some("00000000000000a1"));

    let before = traces.stats();
    let mut unsampled = request(Some(&format!("Root={};Sampled=0", ROOT.replace("a1", "a2"))));
    let begun = traces.begin(&mut unsampled);
    assert!(unsampled.headers()[TRACE_HEADER].to_str().unwrap().ends_with(";Sampled=0"));
    let mut response = answered(202, &unsampled, None);
    traces.end(&begun, &mut response);
    assert_eq!(traces.stats(), before);
}

#[tokio::test]
async fn an_invocation_that_no_request_caused_is_a_trace_of_its_own() {
    let traces = traces().await;
    let invocation = serde_json::json!({
        "function": "shop-local-processor", "arn": null, "requestId": "r-2", "start": 1.0, "end": 2.0,
        "traceHeader": format!("Root={ROOT};Parent=00000000000000f1;Sampled=1"),
    });
    traces.add_invocation(&serde_json::from_value(invocation).unwrap());
    traces.store.put(&format!(
        r#"{{"type": "subsegment", "trace_id": "{ROOT}", "id": "00000000000000a1", "parent_id": "00000000000000f1",
            "name": "handler", "start_time": 1.1, "end_time": 1.9}}"#
    ));
    let trace = traces.store.trace(ROOT).unwrap();
    let mut nodes = nodes(&trace);
    nodes.sort();
    assert_eq!(
        nodes,
        [
            ("handler", Some("shop-local-processor"), None),
            ("shop-local-processor", None, Some("AWS::Lambda")),
            ("shop-local-processor", Some("shop-local-processor"), Some("AWS::Lambda::Function")),
        ]
    );
}
