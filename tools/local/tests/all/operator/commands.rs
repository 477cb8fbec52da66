//! Looking at what went through.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use super::stack::{Stack, assert_documented, orders_command, tools, within};

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
    let lines = stack.orders_json_lines(&["logs", "processor", "--since", "5m"]);
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

/// What every other test asks for is held against its schema as well; here is the rest.
#[tokio::test(flavor = "multi_thread")]
async fn what_commands_print_as_json_is_what_their_schemas_say() {
    let stack = Stack::up_fast(|_| {}).await;
    let order = stack.orders_json(&["send"])["body"]["orderId"].as_str().unwrap().to_owned();
    within(30, "it is stored", || (stack.orders(&["scan", &order]).0 == 0).then_some(()));
    assert_eq!(stack.orders_json(&["send", "--count", "3"])["sent"], 3);
    assert_eq!(stack.orders_json(&["find", &order])["orders"][0]["state"], "STORED");
    let trace = stack.orders_json(&["trace", &order]);
    assert!(trace["traces"][0]["roots"][0]["children"].is_array(), "{trace:#}");
    assert!(!stack.orders_json(&["trace", "--slowest", "3"]).as_array().unwrap().is_empty());
    within(30, "all are stored", || (stack.orders_json(&["scan", "--count"])["count"] == 5).then_some(()));
    assert!(stack.orders_json(&["outputs"])["api_url"].is_string());
    assert!(stack.orders_json(&["outputs", "api_url"]).is_string());
    assert_eq!(stack.orders_json(&["status", "--no-alarms"])["environment"], "local");
    assert_eq!(stack.orders_json(&["consumer", "status"])["consumer"], "Enabled");
    assert_eq!(stack.orders_json(&["slo"]).as_array().unwrap().len(), 2);
    assert!(!stack.orders_json(&["dashboard"]).as_array().unwrap().is_empty());

    let cost = stack.orders_json(&["cost", "--orders", "1000/day", "--orders", "3e6/month"]);
    assert_eq!(cost["bills"].as_array().unwrap().len(), 4);
    let measured = &cost["quantities"]["log_kb_per_order"];
    assert_eq!(measured["source"], "measured", "{cost:#}");
    assert!(measured["by"].as_str().unwrap().starts_with("local, "), "{measured}");

    // One document a line, on and on.
    let mut watch = Command::new(tools().join("orders"))
        .args(["--env", "local", "--json", "--local-dir"])
        .arg(stack.dir())
        .args(["alarms", "--watch"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(watch.stdout.take().unwrap()).read_line(&mut first).unwrap();
    watch.kill().unwrap();
    watch.wait().unwrap();
    assert_documented(&["alarms", "--watch"], "lines", &serde_json::from_str(&first).unwrap());
}
