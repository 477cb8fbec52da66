//! From the queue to the table.

use std::{fs, sync::LazyLock};

use runbooks::Kind;
use serde_json::{Value, json};

use super::{Drill, Traffic, configure, impatient, reconfigured};
use crate::{
    common::project,
    operator::stack::{Stack, within},
};

static SAMPLE: LazyLock<Value> = LazyLock::new(|| {
    let text = fs::read_to_string(project().join("tools/orders/sample.json")).unwrap();
    serde_json::from_str(&text).unwrap()
});

#[tokio::test(flavor = "multi_thread")]
async fn stop_the_consumer() {
    let drill = Drill::begin("stop-the-consumer", Stack::up_fast(|_| {}).await);
    let stack = &drill.stack;
    drill.break_it();
    // Older than two minutes in three of five, or waiting in five of five: five minutes, two until all is seen, and the drill's own commands: a second is a minute.
    drill.alarms_fire(12.0);
    drill.diagnose();
    for page in ["queue-age", "consumer-silent", "processing-failing"] {
        drill.follow(page, Kind::Mitigate, "start-consumer");
    }
    drill.verify();
    // The stack's own first order, and these three.
    assert_eq!(stack.orders(&["scan", "--count"]).1.trim(), "4");
    drill.follow("queue-age", Kind::Undo, "start-consumer");
    assert_eq!(stack.orders(&["consumer", "status"]).1, "Disabled\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn poison_message() {
    let drill = Drill::begin("poison-message", Stack::up_fast(impatient).await);
    let stack = &drill.stack;
    let sqs = aws_sdk_sqs::Client::new(&stack.sdk);
    sqs.send_message().queue_url(stack.output("orders_queue_url")).message_body("poison").send().await.unwrap();
    // The poison is moved at once; nobody is paged while `processing-failing` may be the cause.
    drill.alarms_fire(10.0);
    // And two orders that the table does not take.
    stack.fault(&["dynamodb:PutItem", "error"]);
    let order = stack.orders_json(&["send"])["body"]["orderId"].as_str().unwrap().to_owned();
    stack.orders(&["send"]);
    within(120, "three messages are dead", || (stack.depths() == (0, 0, 3)).then_some(()));
    stack.fault(&["--clear"]);

    let drill = drill.with("ORDER_ID", &order);
    let stack = &drill.stack;
    drill.diagnose();
    drill.follow("dlq-depth", Kind::Mitigate, "redrive");
    within(60, "the orders are stored", || (stack.orders(&["scan", "--count"]).1.trim() == "3").then_some(()));
    assert_eq!(stack.depths().2, 1, "the poison is no order, and stays for a decision");
    drill.follow("dlq-depth", Kind::Mitigate, "purge");
    drill.verify();
    assert_eq!(stack.orders(&["scan", "--count"]).1.trim(), "3", "every order is stored once");
}

/// A deployment forgets the table's name.
#[tokio::test(flavor = "multi_thread")]
async fn crash_the_processor() {
    let drill = Drill::begin(
        "crash-the-processor",
        Stack::up_fast(|settings| {
            settings["queue"]["visibility_timeout_s"] = json!(2);
            settings["queue"]["max_receive_count"] = json!(1000);
            settings["event_source"]["batch_size"] = json!(1);
        })
        .await,
    );
    let stack = &drill.stack;
    let before = reconfigured(stack, "processor", |environment| drop(environment.remove("ORDERS_TABLE_NAME"))).await;
    stack.orders(&["send", "--count", "30", "--concurrency", "8"]);
    drill.alarms_fire(30.0);
    drill.diagnose();
    drill.follow("processor-errors", Kind::Mitigate, "stop-consumer");
    configure(stack, "processor", before).await;
    drill.follow("processor-errors", Kind::Undo, "stop-consumer");
    drill.verify();
    no_order_is_lost(stack, 31);
}

/// What was in flight when the queue was looked at comes again soon.
#[track_caller]
fn no_order_is_lost(stack: &Stack, orders: u32) {
    let stored = || stack.orders(&["scan", "--count"]).1.trim().parse::<u32>().unwrap();
    within(60, "every order is stored once", || (stored() == orders).then_some(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn fail_the_table() {
    fix_the_table("fail-the-table", "record-failures").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn throttle_the_table() {
    fix_the_table("throttle-the-table", "table-write-throttles").await;
}

async fn fix_the_table(drill: &str, page: &str) {
    let drill = Drill::begin(
        drill,
        Stack::up_fast(|settings| {
            settings["queue"]["max_receive_count"] = json!(1000);
            settings["functions"]["processor"]["environment"]["RETRY_BASE_S"] = json!("1");
            settings["functions"]["processor"]["environment"]["RETRY_MAX_S"] = json!("2");
        })
        .await,
    );
    let stack = &drill.stack;
    drill.break_it();
    drill.alarms_fire(30.0);
    drill.diagnose();
    drill.follow(page, Kind::Mitigate, "stop-consumer");
    stack.fault(&["--clear"]);
    drill.follow(page, Kind::Undo, "stop-consumer");
    drill.verify();
    no_order_is_lost(stack, 61);
}

/// Somebody takes messages out of the queue and deletes them.
#[tokio::test(flavor = "multi_thread")]
async fn lose_orders() {
    let drill = Drill::begin("lose-orders", Stack::up_fast(|_| {}).await);
    let stack = &drill.stack;
    stack.orders(&["consumer", "stop"]);
    let sqs = aws_sdk_sqs::Client::new(&stack.sdk);
    let (url, mut order) = (stack.output("orders_queue_url"), String::new());
    for _ in 0..12 {
        order = stack.orders_json(&["send"])["body"]["orderId"].as_str().unwrap().to_owned();
        let taken = sqs.receive_message().queue_url(url).send().await.unwrap().messages.unwrap();
        sqs.delete_message().queue_url(url).receipt_handle(taken[0].receipt_handle().unwrap()).send().await.unwrap();
    }
    stack.orders(&["consumer", "start"]);
    drill.alarms_fire(20.0);
    let drill = drill.with("ORDER_ID", &order);
    drill.diagnose();
    drill.follow("orders-unaccounted", Kind::Mitigate, "redrive");
    // Until the hour of the loss is over.
    drill.verify();
}

/// Orders of last winter go back to the queue: all are stored, and all are late.
#[tokio::test(flavor = "multi_thread")]
async fn redrive_old_orders() {
    let drill = Drill::begin("redrive-old-orders", Stack::up_busy(|_| {}).await).with("ALARM", "slo-freshness-fast");
    let stack = &drill.stack;
    let sqs = aws_sdk_sqs::Client::new(&stack.sdk);
    let order = |number: u32| format!("7f000001-0000-4000-8000-{number:012}");
    for number in 0..160 {
        let body =
            json!({"orderId": order(number), "acceptedAt": "2026-01-05T00:00:00Z", "order": *SAMPLE}).to_string();
        sqs.send_message().queue_url(stack.output("orders_dlq_url")).message_body(body).send().await.unwrap();
    }
    let expiry = drill.page("dlq-expiry");
    drill.run(expiry, Kind::Run, None);
    drill.follow("dlq-expiry", Kind::Mitigate, "redrive");
    drill.alarms_fire(30.0);
    drill.run(drill.page("slo-freshness"), Kind::Run, None);
    let traffic = Traffic::begin(stack, 4);
    drill.verify();
    drop(traffic);
    for number in [0, 159] {
        within(60, "the order is stored", || (stack.orders(&["scan", &order(number)]).0 == 0).then_some(()));
    }
}
