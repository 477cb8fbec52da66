//! Nothing that a client sends is in what an operator sees: traces, logs, metrics and the stack's own log files.

use std::{
    fs,
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};

use crate::common::{ORDER, Stack, wait_for};

/// In every place that a client can write to; each ends in its own letter, to tell where a leak comes from.
const MARK: &str = "Xq7marked";

fn marked(letter: char) -> String {
    format!("{MARK}{letter}")
}

fn order() -> Value {
    let mut order: Value = serde_json::from_str(ORDER).unwrap();
    order["customerName"] = json!(marked('A'));
    order["customerEmail"] = json!(format!("{}@example.com", marked('B')));
    for (field, letter) in [("street", 'C'), ("city", 'D'), ("postalCode", 'E')] {
        order["shippingAddress"][field] = json!(marked(letter));
    }
    order["paymentMethod"] = json!(marked('F'));
    order["items"][0]["productName"] = json!(marked('G'));
    order["items"][0]["productId"] = json!(marked('H'));
    order[marked('I')] = json!(marked('J'));
    order
}

/// What may go wrong with an order, and what it is answered.
fn wrong() -> Vec<(String, u16)> {
    let with = |pointer: &str, value: Value| {
        let mut order = order();
        *order.pointer_mut(pointer).unwrap() = value;
        (order.to_string(), 400)
    };
    vec![
        with("/customerEmail", json!(marked('K'))),
        with("/customerName", json!({ marked('L'): marked('L') })),
        with("/items/0/quantity", json!(marked('M'))),
        with("/items/0/price", json!(format!("1{}", marked('N')))),
        with("/shippingAddress", json!(marked('O'))),
        with("/paymentMethod", json!(format!("{}\u{7}", marked('P')))),
        (format!("{{\"customerName\": \"{}\" {}", marked('Q'), marked('Q')), 400),
        (format!("[\"{}\"]", marked('R')), 400),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_orders_of_every_fate_leave_no_word_of_their_customers() {
    let stack = Stack::up().await;
    let (user_agent, referer) = (marked('S'), format!("https://example.com/{}", marked('T')));
    let headers = |key: &'static str| {
        [
            ("content-type", "application/json".to_owned()),
            ("user-agent", user_agent.clone()),
            ("referer", referer.clone()),
            ("idempotency-key", format!("{}-0123456789-{key}", marked('U'))),
        ]
    };
    let post = |body: &str, key: &'static str| {
        let headers = headers(key);
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        stack.request("POST", &format!("?q={}", marked('V')), body.as_bytes(), &headers)
    };

    // Stored, duplicates of each other, and one that is in conflict with them.
    for _ in 0..90 {
        assert_eq!(post(&order().to_string(), "one").status, 202);
    }
    let mut other = order();
    other["customerName"] = json!(marked('W'));
    assert_eq!(post(&other.to_string(), "one").status, 422);
    let stored = post(&order().to_string(), "one").body["orderId"].clone();
    let conflict = json!({"orderId": stored, "acceptedAt": "2026-01-05T00:00:00Z", "order": other}).to_string();
    let queue = &stack.outputs["orders_queue_url"];
    stack.sqs().send_message().queue_url(queue).message_body(conflict).send().await.unwrap();
    // Refused.
    for (body, status) in wrong().into_iter().cycle().take(80) {
        assert_eq!(post(&body, "two").status, status, "{body}");
    }
    // Not sent, and not stored at once.
    stack.fault(&["sqs:SendMessage", "throttle"]);
    for _ in 0..3 {
        assert_eq!(post(&order().to_string(), "three").status, 503);
    }
    stack.fault(&["--clear"]);
    for _ in 0..13 {
        assert_eq!(post(&order().to_string(), "four").status, 202);
    }
    stack.fault(&["dynamodb:PutItem", "error", "--times", "4"]);
    for _ in 0..13 {
        assert_eq!(stack.post(order().to_string()).status, 202);
    }
    // No order at all.
    let attribute = aws_sdk_sqs::types::MessageAttributeValue::builder().data_type("String").string_value(marked('Y'));
    stack
        .sqs()
        .send_message()
        .queue_url(&stack.outputs["orders_queue_url"])
        .message_body(format!("{{\"orderId\": \"{}\"}}", marked('Z')))
        .message_attributes(marked('X'), attribute.build().unwrap())
        .send()
        .await
        .unwrap();
    // The conflict and the poison: all else is stored.
    wait_for("the end of all", async || {
        let counts = ["orders_queue_url", "orders_dlq_url"].map(|queue| stack.outputs[queue].clone());
        let mut depths = Vec::new();
        for url in counts {
            use aws_sdk_sqs::types::QueueAttributeName as Name;
            let names = [Name::ApproximateNumberOfMessages, Name::ApproximateNumberOfMessagesNotVisible];
            let asked = stack.sqs().get_queue_attributes().queue_url(url).set_attribute_names(Some(names.into()));
            let told = asked.send().await.unwrap().attributes.unwrap();
            depths.push(told.values().map(|number| number.parse::<u32>().unwrap()).sum::<u32>());
        }
        (depths == [0, 2]).then_some(())
    })
    .await;
    wait_for("their traces", async || (trace_ids(&stack).await.len() >= 200).then_some(())).await;

    let seen = [traces(&stack).await, logs(&stack).await, metrics(&stack).await].concat();
    assert!(seen.len() > 600, "only {} things to search", seen.len());
    for (place, text) in &seen {
        assert!(!text.contains(MARK), "{place}: {text}");
    }
    for file in ["stack.log", "emulator.log"] {
        let text = fs::read_to_string(stack.dir().join(file)).unwrap();
        let leak = text.lines().find(|line| line.contains(MARK));
        assert_eq!(leak, None, "{file}");
    }
}

async fn trace_ids(stack: &Stack) -> Vec<String> {
    let xray = aws_sdk_xray::Client::new(&stack.sdk);
    let now = SystemTime::now();
    let (from, to) = ((now - Duration::from_secs(600)).into(), (now + Duration::from_secs(60)).into());
    let mut pages = xray.get_trace_summaries().start_time(from).end_time(to).into_paginator().send();
    let mut ids = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        ids.extend(page.trace_summaries().iter().filter_map(|summary| summary.id().map(str::to_owned)));
    }
    ids
}

async fn traces(stack: &Stack) -> Vec<(&'static str, String)> {
    let xray = aws_sdk_xray::Client::new(&stack.sdk);
    let ids = trace_ids(stack).await;
    let mut documents = Vec::new();
    for some in ids.chunks(5) {
        let traces = xray.batch_get_traces().set_trace_ids(Some(some.to_vec())).send().await.unwrap();
        for segment in traces.traces().iter().flat_map(|trace| trace.segments()) {
            documents.push(("a segment", segment.document().unwrap().to_owned()));
        }
    }
    documents
}

async fn logs(stack: &Stack) -> Vec<(&'static str, String)> {
    let client = aws_sdk_cloudwatchlogs::Client::new(&stack.sdk);
    let mut lines = Vec::new();
    for function in ["validator_lambda_name", "processor_lambda_name"] {
        let group = format!("/aws/lambda/{}", stack.outputs[function]);
        let mut pages = client.filter_log_events().log_group_name(group).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.unwrap();
            lines.extend(page.events().iter().map(|event| ("a log line", event.message().unwrap().to_owned())));
        }
    }
    lines
}

async fn metrics(stack: &Stack) -> Vec<(&'static str, String)> {
    let client = aws_sdk_cloudwatch::Client::new(&stack.sdk);
    let mut pages = client.list_metrics().into_paginator().send();
    let mut found = Vec::new();
    while let Some(page) = pages.next().await {
        found.extend(page.unwrap().metrics().iter().map(|metric| ("a metric", format!("{metric:?}"))));
    }
    found
}
