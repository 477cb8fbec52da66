//! Drills: the stack is broken on purpose, and mended with the commands of the runbook, taken from its page.

use std::{fs, sync::LazyLock};

use crate::stack::{Stack, root, tools, within};
use runbooks::{Kind, Page, Runner};
use serde_json::{Value, json};

fn page(name: &str) -> Page {
    let text = fs::read_to_string(root().join("runbooks").join(name).with_extension("md")).unwrap();
    Page::parse(name, &text).0
}

/// Runs a page's commands against that stack, as somebody would after `export ENVIRONMENT=local`.
fn runner(stack: &Stack) -> Runner {
    Runner::new(root(), tools()).with("ENVIRONMENT", "local").with("LOCAL_DIR", stack.state())
}

/// What a page does not describe is the test's failure, with the command's own words.
#[track_caller]
fn follow(runner: &Runner, page: &Page, kind: Kind, name: &str) {
    if let Err(error) = runner.run(page, kind, Some(name)) {
        panic!("{error}");
    }
}

#[track_caller]
fn verify(runner: &Runner, page: &Page, name: &str) {
    within(90, &format!("{} is verified: {name}", page.name), || runner.run(page, Kind::Verify, Some(name)).ok());
}

/// The page's alarm fires, and by the clock of metrics not later than so many minutes after `since`.
#[track_caller]
fn fires(stack: &Stack, page: &str, alarm: &str, since: f64, minutes: f64) {
    let at = within(60, &format!("{alarm} fires"), || {
        stack.firing(page).into_iter().find_map(|(name, minute)| (name == alarm).then_some(minute))
    });
    let took = at - since;
    assert!((0.0..=minutes).contains(&took), "{alarm} took {took:.1} minutes, not at most {minutes}");
}

/// Retries are over soon, so that nobody waits for them here.
fn impatient(settings: &mut Value) {
    settings["queue"]["max_receive_count"] = json!(2);
    settings["functions"]["processor"]["environment"]["RETRY_BASE_S"] = json!("1");
}

static SAMPLE: LazyLock<Value> = LazyLock::new(|| {
    let text = fs::read_to_string(root().join("tools/orders/sample.json")).unwrap();
    serde_json::from_str(&text).unwrap()
});

#[test]
fn stop_the_consumer() {
    let stack = Stack::up_fast();
    let runner = runner(&stack);
    let pages = ["queue-age", "consumer-silent", "processing-failing"].map(page);
    within(60, "the first minutes are evaluated", || {
        let alarms = stack.orders_json(&["alarms"]);
        alarms.as_array().unwrap().iter().all(|alarm| alarm["state"] == "OK").then_some(())
    });
    for page in &pages {
        assert_eq!(stack.firing(&page.name), [], "nothing is wrong yet");
    }

    stack.orders(&["consumer", "stop"]);
    stack.orders(&["send", "--count", "3"]);
    let since = stack.time();
    within(30, "the orders wait", || (stack.depths().0 == 3).then_some(()));
    // Older than two minutes in three of five, or waiting in five of five: five minutes, and two until they are over.
    fires(&stack, "queue-age", "queue-age", since, 7.0);
    fires(&stack, "consumer-silent", "consumer-silent", since, 7.0);
    fires(&stack, "processing-failing", "processing-failing", since, 8.0);

    for page in &pages {
        follow(&runner, page, Kind::Run, "look");
        follow(&runner, page, Kind::Mitigate, "start-consumer");
        follow(&runner, page, Kind::Mitigate, "start-consumer");
        verify(&runner, page, "data");
        verify(&runner, page, "alarm");
        follow(&runner, page, Kind::Undo, "start-consumer");
    }
    // The stack's own first order, and these three.
    assert_eq!(stack.orders(&["scan", "--count"]).1.trim(), "4");
}

#[tokio::test(flavor = "multi_thread")]
async fn poison_message() {
    let stack = Stack::up_fast_with(impatient);
    let runner = runner(&stack);
    let sqs = aws_sdk_sqs::Client::new(&stack.sdk().await);
    sqs.send_message().queue_url(stack.output("orders_queue_url")).message_body("poison").send().await.unwrap();
    // And two orders that the table does not take.
    assert!(stack.local(["fault", "dynamodb:PutItem", "error"]).status.success());
    stack.orders(&["send", "--count", "2"]);
    let since = stack.time();
    within(120, "three messages are dead", || (stack.depths() == (0, 0, 3)).then_some(()));
    assert!(stack.local(["fault", "--clear"]).status.success());

    let page = page("dlq-depth");
    // The poison is moved at once; nobody is paged while `processing-failing` may be the cause.
    fires(&stack, "dlq-depth", "dlq-depth", since, 5.0);
    fires(&stack, "dlq-depth", "orders-dead-lettered", since, 6.0);
    follow(&runner, &page, Kind::Run, "look");
    follow(&runner, &page, Kind::Mitigate, "redrive");
    follow(&runner, &page, Kind::Mitigate, "redrive");
    within(60, "the orders are stored", || (stack.orders(&["scan", "--count"]).1.trim() == "3").then_some(()));
    assert_eq!(stack.depths().2, 1, "the poison is no order, and stays for a decision");
    follow(&runner, &page, Kind::Mitigate, "purge");
    verify(&runner, &page, "data");
    verify(&runner, &page, "alarm");
    assert_eq!(stack.orders(&["scan", "--count"]).1.trim(), "3", "every order is stored once");
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_that_will_expire_get_a_new_life() {
    let stack = Stack::up();
    let runner = runner(&stack);
    let sqs = aws_sdk_sqs::Client::new(&stack.sdk().await);
    let order = "7f000001-0000-4000-8000-000000000003";
    let body = json!({"orderId": order, "acceptedAt": "2026-01-05T00:00:00Z", "order": *SAMPLE}).to_string();
    sqs.send_message().queue_url(stack.output("orders_dlq_url")).message_body(body).send().await.unwrap();

    let page = page("dlq-expiry");
    follow(&runner, &page, Kind::Run, "look");
    follow(&runner, &page, Kind::Mitigate, "redrive");
    verify(&runner, &page, "data");
    within(60, "the order is stored", || (stack.orders(&["scan", order]).0 == 0).then_some(()));
}

#[test]
fn keep_orders_in_the_queue_while_the_table_fails() {
    let stack = Stack::up();
    let runner = runner(&stack);
    let page = page("record-failures");
    // Whoever follows the page is as quick as a person: the first retries are over.
    assert!(stack.local(["fault", "dynamodb:PutItem", "error"]).status.success());
    let order = stack.orders_json(&["send"])["body"]["orderId"].as_str().unwrap().to_owned();
    follow(&runner, &page, Kind::Mitigate, "stop-consumer");
    assert!(stack.local(["fault", "--clear"]).status.success());
    assert_eq!(stack.orders(&["scan", &order]).0, 1, "nobody takes it");
    follow(&runner, &page, Kind::Undo, "stop-consumer");
    verify(&runner, &page, "data");
    within(60, "the order is stored", || (stack.orders(&["scan", &order]).0 == 0).then_some(()));
    assert_eq!(stack.depths().2, 0, "no try was lost to the fault");
}
