//! Traces of the local stack, as AWS's own client reads them.

mod tree;

use std::{
    fs,
    net::UdpSocket,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::Value;

use self::tree::Tree;
use crate::common::{Answer, ORDER, Stack, wait_for};

/// The trace that an answer of the API tells.
fn trace_id(answer: &Answer) -> String {
    let header = answer.headers["x-amzn-trace-id"].to_str().unwrap();
    header.split(';').find_map(|field| field.strip_prefix("Root=")).unwrap().to_owned()
}

/// One of `.local/env`.
fn variable(stack: &Stack, name: &str) -> String {
    let env = fs::read_to_string(stack.dir().join("env")).unwrap();
    let value = env.lines().find_map(|line| line.strip_prefix("export ")?.strip_prefix(name)?.strip_prefix('='));
    value.unwrap().trim_matches('\'').to_owned()
}

/// Where segments go by UDP, and where X-Ray SDKs ask for sampling rules.
fn daemon(stack: &Stack) -> (String, String) {
    let addresses = variable(stack, "AWS_XRAY_DAEMON_ADDRESS");
    let of = |protocol| addresses.split(' ').find_map(|word| word.strip_prefix(protocol)).unwrap().to_owned();
    (of("udp:"), of("tcp:"))
}

/// As any client finds it: through the variables.
fn xray(stack: &Stack) -> aws_sdk_xray::Client {
    let endpoint = variable(stack, "AWS_ENDPOINT_URL_XRAY");
    let config = aws_sdk_xray::config::Builder::from(&stack.sdk).endpoint_url(endpoint).build();
    aws_sdk_xray::Client::from_conf(config)
}

/// What the stack says of itself.
fn health(stack: &Stack) -> Value {
    let url = format!("{}/_local/health", variable(stack, "AWS_ENDPOINT_URL"));
    ureq::get(&url).call().unwrap().body_mut().read_json().unwrap()
}

/// What it counts.
fn stats(stack: &Stack) -> Value {
    health(stack)["traces"].clone()
}

async fn trace_ids(xray: &aws_sdk_xray::Client, filter: &str) -> Vec<String> {
    let now = SystemTime::now();
    let summaries = xray
        .get_trace_summaries()
        .start_time((now - Duration::from_secs(600)).into())
        .end_time((now + Duration::from_secs(60)).into())
        .filter_expression(filter)
        .send()
        .await
        .unwrap();
    summaries.trace_summaries().iter().filter_map(|summary| summary.id().map(str::to_owned)).collect()
}

async fn tree(xray: &aws_sdk_xray::Client, trace_id: &str) -> Tree {
    let traces = xray.batch_get_traces().trace_ids(trace_id).send().await.unwrap();
    let segments = traces.traces().iter().flat_map(|trace| trace.segments());
    Tree::read(segments.filter_map(|segment| segment.document()))
}

/// A trace with the stage's segment, which is written behind the answer.
async fn answered(xray: &aws_sdk_xray::Client, trace_id: &str) -> Tree {
    wait_for("the stage's segment", async || {
        let trace = tree(xray, trace_id).await;
        trace.origin("AWS::ApiGateway::Stage").is_some().then_some(trace)
    })
    .await
}

#[tokio::test]
async fn an_order_is_one_trace_from_the_api_to_the_table() {
    let stack = Stack::up().await;
    let xray = xray(&stack);
    let answer = stack.post(ORDER);
    assert_eq!(answer.status, 202, "{}", answer.body);
    let (order_id, root) = (answer.body["orderId"].as_str().unwrap(), trace_id(&answer));

    let filter = format!(r#"annotation.orderId = "{order_id}""#);
    let trace = wait_for("the whole trace", async || {
        let ids = trace_ids(&xray, &filter).await;
        let id = ids.iter().find(|id| **id == root)?;
        let trace = tree(&xray, id).await;
        (trace.origin("AWS::DynamoDB::Table").is_some() && trace.origin("AWS::ApiGateway::Stage").is_some())
            .then_some(trace)
    })
    .await;

    let table = trace.origin("AWS::DynamoDB::Table").unwrap();
    assert_eq!(
        trace.way_to(table),
        [
            "order-processing-local-api/local",
            "Lambda",
            "order-processing-local-validator",
            "order-processing-local-validator",
            "handler",
            "SQS",
            "processor",
            "DynamoDB",
            "DynamoDB",
        ]
    );
    for origin in ["AWS::ApiGateway::Stage", "AWS::Lambda"] {
        let segment = trace.origin(origin).unwrap();
        assert_eq!(segment["metadata"]["local"]["writtenBy"], "local-stack", "{origin}");
    }

    // The batch is an invocation that the proxy sees no request of.
    let batch = r#"service(id(name: "order-processing-local-processor", type: "AWS::Lambda"))"#;
    let batch = wait_for("the batch's trace", async || {
        for id in trace_ids(&xray, batch).await {
            let trace = tree(&xray, &id).await;
            if trace.named("handler").is_some() {
                return Some(trace);
            }
        }
        None
    })
    .await;
    assert_eq!(
        batch.way_to(batch.named("handler").unwrap()),
        ["order-processing-local-processor", "order-processing-local-processor", "handler"]
    );
    let stats = stats(&stack);
    assert_eq!((&stats["rejected"], &stats["removed_fields"]), (&0.into(), &0.into()), "{stats}");
}

#[tokio::test]
async fn what_the_gateway_refuses_is_a_trace_of_the_stage_alone() {
    let stack = Stack::up().await;
    let xray = xray(&stack);
    let answer = stack.post("[]");
    assert_eq!(answer.status, 400);
    let trace = answered(&xray, &trace_id(&answer)).await;
    let stage = trace.origin("AWS::ApiGateway::Stage").unwrap();
    assert_eq!((&stage["error"], &stage["http"]["response"]["status"]), (&true.into(), &400.into()));
    assert_eq!(trace.len(), 1, "{trace:?}");

    // A client's own trace goes on.
    let client = "1-65432100-0000000000000000000000c1";
    let header = format!("Root={client};Parent=00000000000000c1;Sampled=1");
    let answer = stack.request("POST", "", b"[]", &[("x-amzn-trace-id", &header)]);
    assert_eq!(trace_id(&answer), client);
    let trace = answered(&xray, client).await;
    assert_eq!(trace.origin("AWS::ApiGateway::Stage").unwrap()["parent_id"], "00000000000000c1");
}

#[tokio::test]
async fn a_function_that_crashes_is_in_the_trace_and_its_words_are_not_in_the_answer() {
    let stack = Stack::up().await;
    let (xray, lambda) = (xray(&stack), aws_sdk_lambda::Client::new(&stack.sdk));
    let validator = &stack.outputs["validator_lambda_name"];
    let nothing = aws_sdk_lambda::types::Environment::builder().variables("SERVICE_NAME", "validator").build();
    lambda.update_function_configuration().function_name(validator).environment(nothing).send().await.unwrap();

    let answer = stack.post(ORDER);
    assert_eq!((answer.status, &answer.headers["retry-after"]), (502, &"5".parse().unwrap()), "{}", answer.body);
    assert!(
        answer.body["message"].as_str().unwrap().starts_with("It is not known whether the order is accepted, request ")
    );
    assert_eq!(answer.headers["content-type"], "application/json");
    assert!(answer.headers.get("x-local-invocations").is_none());

    let trace = answered(&xray, &trace_id(&answer)).await;
    for origin in ["AWS::ApiGateway::Stage", "AWS::Lambda", "AWS::Lambda::Function"] {
        assert_eq!(trace.origin(origin).unwrap_or_else(|| panic!("no {origin}"))["fault"], true, "{origin}");
    }
}

#[tokio::test]
async fn segments_come_by_udp_and_what_is_wrong_with_them_is_counted() {
    let stack = Stack::up().await;
    let xray = xray(&stack);
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let (udp, tcp) = daemon(&stack);
    socket.connect(&udp).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    let id = format!("1-{:08x}-0000000000000000000000d1", now as u32);
    let document = serde_json::json!({
        "name": "by-hand", "id": "00000000000000d1", "trace_id": id, "start_time": now, "end_time": now + 0.1,
        "annotations": {"orderId": "by-hand-1"},
    });
    let before = stats(&stack)["malformed_datagrams"].as_u64().unwrap();
    socket.send(b"no header").unwrap();
    socket.send(format!("{{\"format\": \"json\", \"version\": 1}}\n{document}").as_bytes()).unwrap();

    let found = wait_for("the segment", async || {
        let ids = trace_ids(&xray, r#"annotation.orderId = "by-hand-1""#).await;
        (!ids.is_empty()).then_some(ids)
    })
    .await;
    assert_eq!(found, [id]);
    assert_eq!(stats(&stack)["malformed_datagrams"].as_u64().unwrap(), before + 1);

    let health = health(&stack);
    let refused =
        health["refused_traces"].as_array().unwrap().iter().find(|refused| refused["code"] == "MalformedDatagram");
    assert_eq!(refused.unwrap()["latest"], "no line feed between header and document", "{health}");
    assert!(health["dropped_datagrams"].is_u64(), "{health}");

    // X-Ray SDKs ask for their sampling rules without a signature.
    let url = format!("http://{tcp}/GetSamplingRules");
    let rules: Value = ureq::post(&url).send("{}").unwrap().body_mut().read_json().unwrap();
    assert_eq!(rules["SamplingRuleRecords"][0]["SamplingRule"]["RuleName"], "Default");
}
