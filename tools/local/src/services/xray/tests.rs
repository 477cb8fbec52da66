use ::xray::trace::Trace;

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

fn invocation(function: &str, trace_header: &str, error_type: Option<&str>) -> Invocation {
    Invocation {
        function: function.into(),
        arn: Some(format!("arn:aws:lambda:us-east-1:000000000000:function:{function}")),
        request_id: "r-1".into(),
        trace_header: Some(trace_header.into()),
        start: now(),
        end: now() + 0.01,
        failed: error_type.is_some(),
        error_type: error_type.map(str::to_owned),
        concurrent: 1.0,
    }
}

/// A request as the emulator answers it; the header that the client gets.
async fn answer(traces: &Traces, mut request: Request, status: u16, invoked: bool, error: Option<&str>) -> TraceHeader {
    let begun = traces.begin(&mut request);
    let header = request.headers()[TRACE_HEADER].to_str().unwrap();
    if invoked {
        traces.invoked(&invocation("shop-local-validator", header, error));
    }
    traces.answered(Some(header), Some("shop-local-api".into()));
    let mut response = Response::builder().status(status).body(Body::empty()).unwrap();
    let answered = traces.end(begun, &mut response);
    traces.finish(answered).await;
    TraceHeader::parse(response.headers()[TRACE_HEADER].to_str().unwrap()).unwrap()
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
    let header = answer(&traces, request(None), 202, true, None).await;
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
    assert!(trace.documents().all(|(_, document)| !document.contains("secret")), "no query");
    assert!(trace.nodes.iter().all(|node| node.span.ok()));
    assert_eq!(traces.stats().removed_fields, 0);
}

#[tokio::test]
async fn a_request_that_the_gateway_refused_is_the_stage_alone() {
    let traces = traces().await;
    for (status, fault) in [(400, false), (404, false), (405, false), (413, false), (503, true)] {
        let header = answer(&traces, request(None), status, false, None).await;
        let trace = traces.store.trace(&header.root).unwrap();
        assert_eq!(nodes(&trace), [("shop-local-api/local", None, Some("AWS::ApiGateway::Stage"))]);
        assert_eq!((trace.root().fault, trace.root().error), (fault, !fault), "{status}");
    }
}

#[tokio::test]
async fn a_function_that_failed_is_a_fault_with_its_type() {
    let traces = traces().await;
    let header = answer(&traces, request(None), 502, true, Some("Sandbox.Timedout")).await;
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
    answer(&traces, request(Some(&format!("Root={ROOT};Parent=00000000000000a1;Sampled=1"))), 202, true, None).await;
    let trace = traces.store.trace(ROOT).unwrap();
    let stage = trace.nodes.iter().find(|node| node.span.name == "shop-local-api/local").unwrap();
    assert_eq!(stage.span.parent_id.as_deref(), Some("00000000000000a1"));

    let before = traces.stats();
    let unsampled = request(Some(&format!("Root={};Sampled=0", ROOT.replace("a1", "a2"))));
    let header = answer(&traces, unsampled, 202, true, None).await;
    assert_eq!(header.sampled, Some(false));
    assert_eq!(traces.stats(), before);
}

#[tokio::test]
async fn an_invocation_that_no_request_caused_is_a_trace_of_its_own() {
    let traces = traces().await;
    let header = format!("Root={ROOT};Parent=00000000000000f1;Sampled=1");
    traces.invoked(&Invocation { start: 1.0, end: 2.0, ..invocation("shop-local-processor", &header, None) });
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
