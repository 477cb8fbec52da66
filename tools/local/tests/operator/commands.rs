//! Looking at what went through.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use crate::stack::{Stack, orders_command, within};

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

/// An answer that is lost never comes. Whoever waits for it must say so, and end. (`alarms` and `slo` ask CloudWatch alone, which is the
/// stack itself.)
#[tokio::test(flavor = "multi_thread")]
async fn no_command_waits_for_ever_for_an_answer_that_was_lost() {
    let stack = Stack::up().await;
    let order = stack.orders_json(&["send"])["body"]["orderId"].as_str().unwrap().to_owned();
    let url = format!("{}/_local/faults", stack.sdk.endpoint_url().unwrap());
    let state = stack.state_file();
    for service in ["sqs", "dynamodb", "lambda", "logs", "monitoring", "xray"] {
        let fault =
            serde_json::json!({"service": service, "operation": null, "effect": "lost", "times": null, "delay_ms": 0});
        let secret = state["credentials"]["secret_key"].as_str().unwrap();
        assert!(ureq::post(&url).header("x-suite-secret", secret).send_json(fault).unwrap().status().is_success());
    }
    let begun = Instant::now();
    let all = [
        &["queue"][..],
        &["status"],
        &["scan", "--count"],
        &["find", &order],
        &["trace", &order],
        &["logs", "validator"],
        &["dlq", "list"],
        &["dlq", "redrive", "--yes"],
        &["dlq", "purge", "--yes"],
        &["consumer", "status"],
        &["consumer", "stop"],
    ];
    let started = all.map(|args| {
        let mut command = orders_command(stack.dir(), args);
        command.env("ORDERS_ANSWER_WITHIN_S", "3").stdout(Stdio::null()).stderr(Stdio::piped());
        (args, command.spawn().unwrap())
    });
    for (args, command) in started {
        let told = command.wait_with_output().unwrap();
        let words = String::from_utf8_lossy(&told.stderr);
        assert!(begun.elapsed() < Duration::from_secs(60), "{args:?}: {:?}", begun.elapsed());
        assert_eq!(told.status.code(), Some(2), "{args:?}: {words}");
        assert!(words.to_lowercase().contains("time"), "{args:?}: {words}");
    }
}
