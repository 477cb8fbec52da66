//! Looking at what went through.

use crate::stack::{Stack, within};

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_was_just_sent_is_found_by_everything_that_looks() {
    let stack = Stack::up().await;
    stack.orders(&["send", "--count", "30", "--concurrency", "4"]);
    let order = stack.orders_json(&["send"])["body"]["orderId"].as_str().unwrap().to_owned();
    within(30, "it is stored", || (stack.orders(&["scan", &order]).0 == 0).then_some(()));

    let newest = stack.orders(&["scan", "--limit", "1"]).1;
    assert!(newest.lines().count() == 2 && newest.contains(&order), "{newest}");
    assert_eq!(stack.orders_json(&["scan", "--limit", "50"]).as_array().unwrap().len(), 32);
    assert_eq!(stack.orders_json(&["scan", "7f000001-0000-4000-8000-000000000009"]).as_array().unwrap().len(), 0);

    // Each of its steps, one line: parse, validate, enqueue and the whole.
    let filter = format!("\"{order}\"");
    within(30, "its lines are there", || {
        let (code, lines) = stack.orders(&["logs", "validator", "--since", "5m", "--filter", &filter]);
        let steps: Vec<_> = lines.lines().filter_map(|line| line.split("\"step\":\"").nth(1)).collect();
        (code == 0 && steps.len() >= 2).then_some(())
    });
    let (_, json) = stack.orders(&["logs", "processor", "--since", "5m", "--json"]);
    let lines: Vec<serde_json::Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.len() > 60, "only {} lines of 32 orders", lines.len());
}
