//! An order's way, end to end: the real packages on the real emulator, provisioned from the project's own files.

use std::{sync::Arc, thread, time::Instant};

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;

use crate::common::{Answer, ORDER, Stack, wait_for};

fn order_id(answer: &Answer) -> String {
    assert_eq!(answer.status, 202, "{}", answer.body);
    answer.body["orderId"].as_str().unwrap().to_owned()
}

/// A message as the validator would send it.
fn message(order_id: uuid::Uuid) -> String {
    format!(r#"{{"orderId":"{order_id}","acceptedAt":"2026-01-01T00:00:00Z","order":{ORDER}}}"#)
}

#[tokio::test]
async fn an_accepted_order_is_in_the_table_with_an_exact_total() {
    let stack = Stack::up().await;
    let answer = stack.post(ORDER);
    assert_eq!(answer.body["message"], "Order accepted for processing");
    let begun = Instant::now();
    let item = stack.stored(&order_id(&answer)).await;
    eprintln!("stored {:?} after the answer", begun.elapsed());
    assert_eq!(item["total"].as_n().unwrap(), "19.99");
    assert_eq!(item["status"].as_s().unwrap(), "PROCESSED");
    assert_eq!(item["items"].as_l().unwrap()[0].as_m().unwrap()["price"].as_n().unwrap(), "19.99");
    for name in ["createdAt", "processedAt", "paymentMethod", "payloadHash"] {
        assert!(!item[name].as_s().unwrap().is_empty(), "{name}");
    }
    assert_eq!(item["customer"].as_m().unwrap()["email"].as_s().unwrap(), "ada@example.com");
    for name in [
        "api_url",
        "orders_queue_url",
        "orders_dlq_url",
        "orders_table_name",
        "validator_lambda_name",
        "processor_lambda_name",
    ] {
        assert!(!stack.outputs[name].is_empty(), "{name}");
    }
}

#[tokio::test]
async fn five_hundred_orders_sixteen_at_a_time_are_all_stored_once() {
    let stack = Arc::new(Stack::up().await);
    let before = stack.count().await;
    let (orders, senders) = (500, 16);
    let threads: Vec<_> = (0..senders)
        .map(|sender| {
            let stack = Arc::clone(&stack);
            thread::spawn(move || {
                (sender..orders)
                    .step_by(senders)
                    .map(|_| {
                        loop {
                            let answer = stack.post(ORDER);
                            // The stage's own throttling, from settings.json: the client waits and comes again.
                            if answer.status == 429 {
                                thread::sleep(std::time::Duration::from_millis(200));
                                continue;
                            }
                            break order_id(&answer);
                        }
                    })
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    let mut ids: Vec<_> = threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), orders, "every order has an id of its own");
    wait_for("all orders to be stored", async || (stack.count().await == before + orders).then_some(())).await;
    assert!(stack.dead_letters().await.is_empty());
}

#[tokio::test]
async fn a_poisoned_message_among_nine_good_ones_moves_alone_and_at_once() {
    let stack = Stack::up().await;
    let ids: Vec<_> = (0..9).map(|_| uuid::Uuid::new_v4()).collect();
    let mut bodies: Vec<_> = ids.iter().map(|id| message(*id)).collect();
    bodies.insert(4, r#"{"orderId":"not an order"}"#.to_owned());
    let entries = bodies
        .iter()
        .enumerate()
        .map(|(n, body)| SendMessageBatchRequestEntry::builder().id(n.to_string()).message_body(body).build().unwrap());
    stack
        .sqs()
        .send_message_batch()
        .queue_url(&stack.outputs["orders_queue_url"])
        .set_entries(Some(entries.collect()))
        .send()
        .await
        .unwrap();
    for id in &ids {
        stack.stored(&id.to_string()).await;
    }
    let letter = wait_for("the dead letter", async || stack.dead_letters().await.pop()).await;
    let attribute = |name: &str| letter.message_attributes.as_ref().unwrap()[name].string_value.clone().unwrap();
    assert_eq!(attribute("FailureStep"), "decode");
    assert_eq!(
        attribute("FailureReason"),
        "Undecodable: the message is no order envelope: data error at line 1, column 25"
    );
    assert_eq!(letter.body.as_deref(), Some(bodies[4].as_str()));
}

#[tokio::test]
async fn an_order_is_stored_once_however_often_it_comes() {
    let stack = Stack::up().await;
    let before = stack.count().await;

    // The same message twice.
    let id = uuid::Uuid::new_v4();
    for _ in 0..2 {
        let send = stack.sqs().send_message().queue_url(&stack.outputs["orders_queue_url"]).message_body(message(id));
        send.send().await.unwrap();
    }
    stack.stored(&id.to_string()).await;

    // The same key twice, then with another body, which goes no further; then past the API.
    let post = |body: &str| {
        let headers =
            [("content-type", "application/json"), ("idempotency-key", "1f0c2f8e-1e0e-4d4e-8f8d-cart00000042")];
        stack.request("POST", "", body.as_bytes(), &headers)
    };
    let first = order_id(&post(ORDER));
    assert_eq!(order_id(&post(ORDER)), first);
    let item = stack.stored(&first).await;
    assert_eq!(post(&ORDER.replace("19.99", "29.99")).status, 422);
    let other = message(first.parse().unwrap()).replace("19.99", "29.99");
    stack.sqs().send_message().queue_url(&stack.outputs["orders_queue_url"]).message_body(other).send().await.unwrap();
    let letter = wait_for("the conflict", async || stack.dead_letters().await.pop()).await;
    let attributes = letter.message_attributes.unwrap();
    assert_eq!(attributes["FailureStep"].string_value.as_deref(), Some("store"));
    assert_eq!(
        attributes["FailureReason"].string_value.as_deref(),
        Some("Conflict: another order is stored under this orderId")
    );
    assert_eq!(stack.item(&first).await.unwrap(), item, "the first order is untouched");
    assert_eq!(stack.count().await, before + 2);
}

#[tokio::test]
async fn a_queue_in_trouble_means_503_and_no_order() {
    let stack = Stack::up().await;
    let before = stack.count().await;
    for effect in ["throttle", "error", "lost"] {
        stack.fault(&["sqs:SendMessage", effect]);
        let answer = stack.post(ORDER);
        assert_eq!(answer.status, 503, "{effect}: {}", answer.body);
        assert_eq!(answer.headers["retry-after"], "5", "{effect}");
        stack.fault(&["--clear"]);
        let message = answer.body["message"].as_str().unwrap();
        if effect == "throttle" {
            assert!(message.starts_with("Order not accepted"), "{message}");
            assert!(answer.body["orderId"].is_null());
            continue;
        }
        // Nobody knows whether it was taken: the answer says so, and how to send it again as the same order.
        assert!(message.starts_with("It is not known whether the order is accepted"), "{message}");
        let key = answer.body["idempotencyKey"].as_str().unwrap();
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        let retry = stack.request("POST", "", ORDER.as_bytes(), &headers);
        assert_eq!((retry.status, &retry.body["orderId"]), (202, &answer.body["orderId"]), "{effect}");
        stack.stored(&order_id(&retry)).await;
    }
    assert_eq!(stack.count().await, before + 2, "each retry is the order it retries");
}

#[tokio::test]
async fn an_order_whose_store_fails_for_a_while_is_stored_in_the_end() {
    let stack = Stack::up().await;
    // Two deliveries, each with three attempts of the SDK.
    stack.fault(&["dynamodb:PutItem", "throttle", "--times", "6"]);
    let id = order_id(&stack.post(ORDER));
    stack.stored(&id).await;
    assert!(stack.dead_letters().await.is_empty());
}

/// As on AWS, where the alarms on 5xx see it; the answer names no function.
#[tokio::test]
async fn a_validator_without_a_free_place_is_a_fault_of_the_api() {
    let stack = Stack::up().await;
    let function = &stack.outputs["validator_lambda_name"];
    let lambda = aws_sdk_lambda::Client::new(&stack.sdk);
    lambda.put_function_concurrency().function_name(function).reserved_concurrent_executions(0).send().await.unwrap();
    let answer = stack.post(ORDER);
    assert_eq!(answer.status, 500, "{}", answer.body);
    let message = answer.body["message"].as_str().unwrap();
    assert!(message.starts_with("It is not known whether the order is accepted"), "{message}");
    assert!(!message.contains(function.as_str()));
}

#[tokio::test]
async fn a_function_can_do_only_what_its_policy_says() {
    let stack = Stack::up().await;
    for (service, statement, call) in
        [("processor", "StoreOrders", "PutItem"), ("validator", "EnqueueOrders", "SendMessage")]
    {
        take(&stack, service, statement).await;
        let answer = stack.post(ORDER);
        let accepted = service == "processor";
        assert_eq!(answer.status, if accepted { 202 } else { 500 }, "{}", answer.body);
        let refused = wait_for(&format!("{service} to be refused"), async || {
            let lines = log_lines(&stack, service).await;
            lines.into_iter().find(|line| line["errorClass"] == "CallRefused" && line["awsOperation"] == call)
        })
        .await;
        assert!(refused["errorCode"].as_str().unwrap().contains("AccessDenied"), "{refused}");
        if accepted {
            assert!(stack.item(&order_id(&answer)).await.is_none());
        }
    }
}

/// Takes one statement out of a function's policy; all that is left still stands.
async fn take(stack: &Stack, service: &str, sid: &str) {
    let described = stack.suite(&["describe"]);
    let resources: serde_json::Value = serde_json::from_slice(&described.stdout).unwrap();
    let policies = resources["aws_iam_role_policy"].as_array().unwrap();
    let policy = policies.iter().find(|policy| policy["name"] == service).unwrap();
    let mut document: serde_json::Value = serde_json::from_str(policy["policy"].as_str().unwrap()).unwrap();
    let statements = document["Statement"].as_array_mut().unwrap();
    let before = statements.len();
    statements.retain(|statement| statement["Sid"] != sid);
    assert_eq!(statements.len(), before - 1, "{service} has no statement {sid}");
    aws_sdk_iam::Client::new(&stack.sdk)
        .put_role_policy()
        .role_name(policy["role"].as_str().unwrap())
        .policy_name(service)
        .policy_document(document.to_string())
        .send()
        .await
        .unwrap();
}

async fn log_lines(stack: &Stack, service: &str) -> Vec<serde_json::Value> {
    let group = format!("/aws/lambda/{}", stack.outputs[&format!("{service}_lambda_name")]);
    let logs = aws_sdk_cloudwatchlogs::Client::new(&stack.sdk);
    let events = logs.filter_log_events().log_group_name(group).send().await.unwrap().events.unwrap_or_default();
    events.iter().filter_map(|event| serde_json::from_str(event.message()?).ok()).collect()
}
