//! `orders trace`, wherever the account keeps its traces.

use aws_sdk_xray::types::TraceSegmentDestination;
use serde_json::Value;

use super::stack::Stack;
use crate::common::{ORDER, wait_for};

/// Sends an order under a trace id of the client's own; its id.
fn send(stack: &Stack, root: &str, body: &str) -> Option<String> {
    let header = format!("Root={root};Sampled=1");
    let headers = [("content-type", "application/json"), ("x-amzn-trace-id", header.as_str())];
    let answer = stack.request("POST", "", body.as_bytes(), &headers);
    answer.body["orderId"].as_str().map(str::to_owned)
}

fn root(number: u32) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    format!("1-{now:08x}-{number:024x}")
}

/// The order's one trace, as JSON, as soon as both functions are in it.
async fn trace(stack: &Stack, order_id: &str) -> Value {
    wait_for(&format!("the whole trace of {order_id}"), async || {
        let (_, text) = stack.orders(&["--json", "trace", order_id]);
        let told: Value = serde_json::from_str(&text).ok()?;
        (told["traces"][0].to_string().contains("PutItem")).then_some(told)
    })
    .await
}

#[tokio::test]
async fn two_orders_under_one_trace_id_are_shown_apart() {
    let stack = Stack::up().await;
    let root = root(1);
    let good = send(&stack, &root, ORDER).unwrap();
    // One that the client is refused, and one whose storing fails twice, under the same id.
    assert_eq!(send(&stack, &root, "{}"), None);
    stack.stored(&good).await;
    stack.fault(&["dynamodb:PutItem", "error", "--times", "3"]);
    let failing = send(&stack, &root, &ORDER.replace("Ada", "Eve")).unwrap();
    let found = wait_for("the failed attempt's span", async || {
        let (_, text) = stack.orders(&["--json", "trace", &failing]);
        let told: Value = serde_json::from_str(&text).ok()?;
        told["traces"][0].to_string().contains(r#""outcome":"fault""#).then_some(told)
    })
    .await;
    assert_eq!(found["traces"][0]["rest"]["branches"], 2, "{found}");

    let told = trace(&stack, &good).await;
    let of_good = &told["traces"][0];
    assert_eq!((&of_good["outcome"], &of_good["rest"]["failed"]), (&Value::from("ok"), &Value::from(2)), "{told}");
    assert!(!of_good["roots"].to_string().contains(r#""outcome":"fault""#), "{told}");
    let (code, text) = stack.orders(&["trace", &good]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("root ok") && text.contains("and 2 branches of others under this trace id"), "{text}");
    // Asked by its own id, the trace is whole.
    let (_, whole) = stack.orders(&["trace", &root]);
    assert!(whole.contains("400") && !whole.contains("of others under this trace id"), "{whole}");
}

#[tokio::test]
async fn with_transaction_search_on_traces_are_found_in_cloudwatch_logs() {
    let stack = Stack::up().await;
    let xray = aws_sdk_xray::Client::new(&stack.sdk);
    let switched = xray.update_trace_segment_destination().destination(TraceSegmentDestination::CloudWatchLogs);
    switched.send().await.unwrap();
    let order_id = send(&stack, &root(2), ORDER).unwrap();
    stack.stored(&order_id).await;

    let told = trace(&stack, &order_id).await;
    assert_eq!(told["source"], "transaction-search", "{told}");
    assert_eq!(told["traces"][0]["traceId"], root_of(&told), "{told}");
    let batch = xray.batch_get_traces().trace_ids(root_of(&told)).send().await.unwrap();
    assert_eq!((batch.traces().len(), batch.unprocessed_trace_ids().len()), (0, 1));
    let now = std::time::SystemTime::now();
    let minutes = |minutes: u64| std::time::Duration::from_secs(minutes * 60);
    let summaries =
        xray.get_trace_summaries().start_time((now - minutes(10)).into()).end_time((now + minutes(1)).into());
    let summaries = summaries.filter_expression(format!(r#"annotation.orderId = "{order_id}""#)).send().await.unwrap();
    assert_eq!(summaries.trace_summaries().len(), 0);

    let slowest = stack.orders_json(&["trace", "--slowest", "5"]);
    assert!(slowest.as_array().unwrap().iter().any(|row| row["orderId"] == order_id.as_str()), "{slowest}");
    assert_eq!(send(&stack, &root(3), "{}"), None);
    let failed = wait_for("the refused request among the failed", async || {
        let failed = stack.orders_json(&["trace", "--failed"]);
        (!failed.as_array()?.is_empty()).then_some(failed)
    })
    .await;
    assert_eq!(
        (&failed[0]["outcome"], &failed[0]["httpStatus"]),
        (&Value::from("error"), &Value::from(400)),
        "{failed}"
    );
}

fn root_of(told: &Value) -> String {
    told["traces"][0]["traceId"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_x_ray_could_not_take_is_in_the_status() {
    let stack = Stack::up().await;
    let health: Value = {
        let url = format!("{}/_local/health", stack.sdk.endpoint_url().unwrap());
        ureq::get(url).call().unwrap().body_mut().read_json().unwrap()
    };
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(health["xray_daemon"].as_str().unwrap()).unwrap();
    let document = r#"{"name": "a[b", "id": "00000000000000a1", "trace_id": "1-65432100-000000000000000000000001", "start_time": 1, "end_time": 2}"#;
    socket.send(format!("{{\"format\": \"json\", \"version\": 1}}\n{document}").as_bytes()).unwrap();
    let text = wait_for("the refusal in the status", async || {
        let (code, text) = stack.orders(&["status"]);
        assert_eq!(code, 0, "no order waits for it: {text}");
        text.contains("traces refused").then_some(text)
    })
    .await;
    assert!(text.contains(r#"1 InvalidName: the name "a[b" contains '['"#), "{text}");
    let status = stack.orders_json(&["status"]);
    assert_eq!(status["lostTraces"]["refusedTraces"][0]["code"], "InvalidName", "{status}");
    assert_eq!(status["lostTraces"]["droppedDatagrams"], 0, "{status}");
}
