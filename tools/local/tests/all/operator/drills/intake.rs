//! From the caller to the queue.

use std::time::Duration;

use aws_sdk_lambda::{config::retry::RetryConfig, primitives::Blob};
use runbooks::Kind;
use serde_json::json;

use super::{Drill, Traffic, configure, reconfigured};
use crate::operator::stack::{Stack, within};

#[tokio::test(flavor = "multi_thread")]
async fn fail_the_queue() {
    let drill = Drill::begin("fail-the-queue", Stack::up_busy(|_| {}).await).with("ALARM", "slo-acceptance-fast");
    let stack = &drill.stack;
    drill.break_it();
    let traffic = drill.traffic();
    drill.alarms_fire(45.0);
    drill.diagnose();
    stack.fault(&["--clear"]);
    drill.verify();
    drop(traffic);
}

/// A deployment forgets the queue's address.
#[tokio::test(flavor = "multi_thread")]
async fn crash_the_validator() {
    let drill = Drill::begin("crash-the-validator", Stack::up_busy(|_| {}).await);
    let stack = &drill.stack;
    let before = reconfigured(stack, "validator", |environment| drop(environment.remove("ORDERS_QUEUE_URL"))).await;
    let traffic = Traffic::begin(stack, 16);
    drill.alarms_fire(45.0);
    drill.diagnose();
    configure(stack, "validator", before).await;
    drill.verify();
    drop(traffic);
}

/// Of a hundred orders a few take long.
#[tokio::test(flavor = "multi_thread")]
async fn slow_the_queue() {
    let stack = Stack::up_busy(|settings| {
        settings["functions"]["validator"]["environment"]["SDK_ATTEMPT_TIMEOUT_MS"] = json!("5000");
    })
    .await;
    let drill = Drill::begin("slow-the-queue", stack);
    let stack = &drill.stack;
    let traffic = drill.traffic();
    within(120, "api-latency fires", || {
        drill.break_it();
        std::thread::sleep(Duration::from_secs(2));
        stack.alarms().get("api-latency").is_some_and(|(state, _)| state == "ALARM").then_some(())
    });
    drill.alarms_fire(45.0);
    drill.diagnose();
    stack.fault(&["--clear"]);
    drill.verify();
    drop(traffic);
}

/// Nothing is left of the account's concurrency.
#[tokio::test(flavor = "multi_thread")]
async fn throttle_the_functions() {
    let drill = Drill::begin("throttle-the-functions", Stack::up_busy(|_| {}).await);
    let stack = &drill.stack;
    let once = RetryConfig::disabled();
    let config = aws_sdk_lambda::config::Builder::from(&stack.sdk).retry_config(once).build();
    let lambda = aws_sdk_lambda::Client::from_conf(config);
    stack.orders(&["send", "--count", "30", "--concurrency", "8"]);
    for service in ["processor", "validator"] {
        let name = stack.output(&format!("{service}_lambda_name"));
        lambda.put_function_concurrency().function_name(name).reserved_concurrent_executions(0).send().await.unwrap();
    }
    let traffic = Traffic::begin(stack, 4);
    // Lambda's pollers go on trying; the emulator's stop at nothing reserved, so somebody else does it here.
    let (invoker, processor) = (lambda.clone(), stack.output("processor_lambda_name").to_owned());
    let pollers = tokio::spawn(async move {
        loop {
            let refused = invoker.invoke().function_name(&processor).payload(Blob::new("{}")).send().await.unwrap_err();
            assert!(refused.as_service_error().unwrap().is_too_many_requests_exception());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    drill.alarms_fire(45.0);
    assert!(!pollers.is_finished(), "an invocation was not turned away");
    pollers.abort();
    drill.diagnose();
    drill.follow("function-throttles", Kind::Mitigate, "stop-consumer");
    for service in ["processor", "validator"] {
        let name = stack.output(&format!("{service}_lambda_name"));
        lambda.delete_function_concurrency().function_name(name).send().await.unwrap();
    }
    drill.follow("function-throttles", Kind::Undo, "stop-consumer");
    drop(traffic);
    drill.verify();
}
