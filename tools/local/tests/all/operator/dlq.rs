//! The dead-letter queue on the real stack: what lands there, why, and its way back.

use std::{
    fs,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use aws_sdk_sqs::types::{
    MessageAttributeValue, MessageSystemAttributeName, MessageSystemAttributeNameForSends as ForSends,
    MessageSystemAttributeValue,
};
use serde_json::{Value, json};

use super::stack::{Stack, orders_command, within};
use crate::common::project;

fn sample() -> Value {
    serde_json::from_str(&fs::read_to_string(project().join("tools/orders/sample.json")).unwrap()).unwrap()
}

fn string(text: &str) -> MessageAttributeValue {
    MessageAttributeValue::builder().data_type("String").string_value(text).build().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poisoned_message_is_listed_with_its_reason_shown_without_its_body_and_purged() {
    let stack = Stack::up().await;
    let sqs = aws_sdk_sqs::Client::new(&stack.sdk);
    assert_eq!(stack.orders(&["dlq", "list"]).0, 0, "an empty queue is no finding");

    let poison = json!({"orderId": "7f000001-0000-4000-8000-000000000001", "customer": "Ada Lovelace"}).to_string();
    sqs.send_message().queue_url(stack.output("orders_queue_url")).message_body(poison).send().await.unwrap();
    within(60, "the poisoned message is dead", || (stack.depths().2 == 1).then_some(()));

    let (code, text) = stack.orders(&["dlq", "list"]);
    assert_eq!(code, 1, "{text}");
    assert!(text.starts_with("1 Undecodable, step decode"), "{text}");
    let listed = stack.orders_json(&["dlq", "list"]);
    let message = &listed[0]["messages"][0];
    assert_eq!(message["orderId"], "7f000001-0000-4000-8000-000000000001");
    assert!(message["reason"].as_str().unwrap().starts_with("Undecodable: "), "{message}");

    let id = message["messageId"].as_str().unwrap();
    let (_, shown) = stack.orders(&["dlq", "show", id]);
    assert!(shown.contains("FailureReason") && !shown.contains("Ada"), "{shown}");
    assert!(stack.orders(&["dlq", "show", id, "--body"]).1.contains("Ada Lovelace"));
    assert_eq!(stack.orders(&["dlq", "show", "nothing-of-this-name"]).0, 1);

    assert_eq!(stack.orders_json(&["dlq", "purge", "--reason", "conflict", "--yes"])["deleted"], 0);
    assert_eq!(stack.orders_json(&["dlq", "purge", "--reason", "undecodable", "--yes"])["deleted"], 1);
    assert_eq!(stack.depths(), (0, 0, 0));
}

/// Retries are over soon, so that nobody waits for them here.
fn impatient(settings: &mut Value) {
    settings["queue"]["max_receive_count"] = json!(2);
    settings["functions"]["processor"]["environment"]["RETRY_BASE_S"] = json!("1");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_the_table_refused_is_stored_once_after_its_redrive() {
    let stack = Stack::up_with(impatient).await;
    stack.fault(&["dynamodb:PutItem", "error"]);
    let order = stack.orders_json(&["send"])["body"]["orderId"].as_str().unwrap().to_owned();
    within(90, "the order is dead", || (stack.depths().2 == 1).then_some(()));
    let listed = stack.orders_json(&["dlq", "list", "--order", &order]);
    assert_eq!(listed[0]["kind"], "Retries used up", "{listed}");
    assert_eq!(stack.orders(&["scan", &order]).0, 1, "it is not stored yet");

    stack.fault(&["--clear"]);
    let plan = stack.orders_json(&["dlq", "redrive", "--order", &order, "--dry-run"]);
    assert_eq!((&plan["selected"], &plan["redriven"]), (&json!(1), &json!(0)));
    assert_eq!(stack.depths().2, 1, "a dry run leaves it where it is");
    assert_eq!(stack.orders_json(&["dlq", "redrive", "--order", &order, "--yes"])["redriven"], 1);
    within(60, "the order is stored", || (stack.orders(&["scan", &order]).0 == 0).then_some(()));
    // The stack's own first order, and this one.
    assert_eq!(stack.orders(&["scan", "--count"]).1.trim(), "2");
    within(30, "all queues are empty", || (stack.depths() == (0, 0, 0)).then_some(()));
    assert_eq!(stack.orders_json(&["dlq", "redrive", "--yes"])["selected"], 0, "again does no harm");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redriven_message_keeps_its_trace_and_loses_its_failure() {
    const HEADER: &str = "Root=1-6922c0de-0123456789abcdef01234567;Parent=0123456789abcdef;Sampled=1";
    const PARENT: &str = "00-6922c0de0123456789abcdef01234567-0123456789abcdef-01";
    let stack = Stack::up_with(impatient).await;
    assert_eq!(stack.orders(&["consumer", "stop"]), (0, "Disabled\n".into()));
    assert_eq!(stack.orders(&["consumer", "status"]).0, 1);

    let sqs = aws_sdk_sqs::Client::new(&stack.sdk);
    let order = "7f000001-0000-4000-8000-000000000002";
    let body = json!({"orderId": order, "acceptedAt": "2026-01-05T00:00:00Z", "order": sample()}).to_string();
    let trace = MessageSystemAttributeValue::builder().data_type("String").string_value(HEADER).build().unwrap();
    sqs.send_message()
        .queue_url(stack.output("orders_dlq_url"))
        .message_body(&body)
        .message_attributes("FailureReason", string("Conflict: another order is stored under this orderId"))
        .message_attributes("FailureStep", string("store"))
        .message_attributes("traceparent", string(PARENT))
        .message_system_attributes(ForSends::AwsTraceHeader, trace)
        .send()
        .await
        .unwrap();
    let listed = stack.orders_json(&["dlq", "list"]);
    assert_eq!(listed[0]["messages"][0]["traceId"], "1-6922c0de-0123456789abcdef01234567");
    assert_eq!(stack.orders_json(&["dlq", "redrive", "--reason", "conflict", "--yes"])["redriven"], 1);

    // The consumer is stopped: the message is there to be looked at.
    let received = sqs
        .receive_message()
        .queue_url(stack.output("orders_queue_url"))
        .message_attribute_names("All")
        .message_system_attribute_names(MessageSystemAttributeName::All)
        .visibility_timeout(0)
        .send()
        .await
        .unwrap();
    let message = &received.messages()[0];
    assert_eq!(message.body(), Some(body.as_str()));
    let attributes = message.message_attributes().unwrap();
    let mut names: Vec<_> = attributes.keys().collect();
    names.sort_unstable();
    assert_eq!(names, ["Redriven", "traceparent"]);
    assert_eq!(attributes["traceparent"].string_value(), Some(PARENT));
    assert_eq!(message.attributes().unwrap()[&MessageSystemAttributeName::AwsTraceHeader], HEADER);

    assert_eq!(stack.orders(&["consumer", "start"]), (0, "Enabled\n".into()));
    assert_eq!(stack.orders(&["consumer", "start"]).0, 0, "again does no harm");
    within(60, "the order is stored", || (stack.orders(&["scan", order]).0 == 0).then_some(()));
}

/// SIGTERM comes from whoever ends a terminal or a machine; what stays hidden then looks like no letters to the next one.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_is_told_to_end_shows_at_once_what_it_holds() {
    const LETTERS: u64 = 40;
    let stack = Stack::up().await;
    let sqs = aws_sdk_sqs::Client::new(&stack.sdk);
    for n in 0..LETTERS {
        let body = json!({"orderId": format!("7f000001-0000-4000-8000-{n:012}")}).to_string();
        sqs.send_message().queue_url(stack.output("orders_dlq_url")).message_body(body).send().await.unwrap();
    }
    // None of them is done before it is told to end.
    stack.fault(&["sqs:ReceiveMessage", "slow", "--delay-ms", "500"]);
    let held = || stack.orders_json(&["queue"])["deadLetters"]["inFlight"].as_u64().unwrap();
    for args in [&["dlq", "redrive", "--yes"][..], &["dlq", "purge", "--yes"], &["dlq", "list"]] {
        let mut command = orders_command(stack.dir(), args).stderr(Stdio::piped()).spawn().unwrap();
        within(20, "it holds letters", || (held() > 0).then_some(()));
        assert!(Command::new("kill").args(["-TERM", &command.id().to_string()]).status().unwrap().success());
        let told = Instant::now();
        assert_eq!(command.wait().unwrap().code(), Some(2), "{args:?}");
        assert!(told.elapsed() < Duration::from_secs(20), "{args:?}");
        assert_eq!((stack.depths().2, held()), (LETTERS, 0), "{args:?}");
    }
}
