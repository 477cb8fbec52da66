//! Each page in a browser: nothing it complains of, nothing that shuts somebody out, no wider than its window.

use std::time::Duration;

use aws_sdk_sqs::types::MessageAttributeValue;

use super::console;
use crate::{
    axe,
    common::{ORDER, Stack, project},
    running::browser,
};

/// A dead letter as the processor leaves it.
pub(crate) async fn dead_letter(stack: &Stack) {
    let attribute =
        |text: &str| MessageAttributeValue::builder().data_type("String").string_value(text).build().unwrap();
    stack
        .sqs()
        .send_message()
        .queue_url(&stack.outputs["orders_dlq_url"])
        .message_body("{\"not\": \"an order\"}")
        .message_attributes("FailureReason", attribute("Undecodable: missing field `orderId` at line 1 column 20"))
        .message_attributes("FailureStep", attribute("decode"))
        .send()
        .await
        .unwrap();
}

fn pages(order: &str) -> Vec<(&'static str, String)> {
    [
        ("now", "/".to_owned()),
        ("order", format!("/orders/{order}")),
        ("dashboard", "/dashboards/order-processing-local-orders".to_owned()),
        ("alarms", "/alarms?lanes=all".to_owned()),
        ("alarm", "/alarms/queue-age".to_owned()),
        ("composite", "/alarms/processing-failing".to_owned()),
        ("traces", "/traces".to_owned()),
        ("map", "/map".to_owned()),
        ("logs", "/logs".to_owned()),
        ("query", "/logs?query=filter+ispresent(step)+|+stats+count(*)+by+step".to_owned()),
        ("dlq", "/dlq".to_owned()),
        ("runbooks", "/runbooks".to_owned()),
        ("runbook", "/runbooks/queue-age".to_owned()),
        ("cost", "/cost".to_owned()),
        ("health", "/health".to_owned()),
        ("search", "/search?q=nothing-of-that-name".to_owned()),
        ("missing", "/no/such/page".to_owned()),
    ]
    .into()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_has_an_error_a_violation_or_a_serious_finding() {
    let stack = Stack::up_with(&["--time-scale", "20"]).await;
    let console = console(&stack, &project());
    let Some(mut browser) = browser(&console, "the console's pages in a browser") else { return };
    let order = stack.post(ORDER).body["orderId"].as_str().unwrap().to_owned();
    for _ in 0..20 {
        stack.post(ORDER);
    }
    stack.post("{}");
    stack.stored(&order).await;
    dead_letter(&stack).await;
    // Two minutes of the metrics' clock: a period is shown when it is over.
    tokio::time::sleep(Duration::from_secs(7)).await;
    axe::assert_sound(&mut browser, console.base(), &pages(&order));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_alone_leads_from_the_first_page_to_a_redriven_letter() {
    let stack = Stack::up().await;
    let console = console(&stack, &project());
    let Some(mut browser) = browser(&console, "the keyboard's way through the console") else { return };
    dead_letter(&stack).await;
    browser.until_live();
    browser.key("g");
    browser.key("q");
    browser.until(
        "the dead letters",
        "location.pathname === '/dlq' && document.body.innerText.includes('Undecodable')",
        Duration::from_secs(30),
    );
    browser.tab_to("Redrive all 1");
    browser.key("Enter");
    browser.until(
        "what would be done",
        "document.body.innerText.includes('would be sent back')",
        Duration::from_secs(60),
    );
    browser.tab_to("Redrive 1");
    browser.key("Enter");
    browser.until(
        "the letter to be sent back",
        "document.body.innerText.includes('1 of 1 sent back')",
        Duration::from_secs(60),
    );
    assert_eq!(browser.complaints(), Vec::<String>::new());
    // Search and help have keys of their own, once this page's scripts are there.
    browser.until_live();
    browser.key("?");
    browser.until("the list of keys", "document.getElementById('keys').open", Duration::from_secs(5));
    browser.key("Escape");
    browser.key("/");
    browser.until("the search", "document.activeElement.id === 'q'", Duration::from_secs(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_lives_through_a_restart_of_its_stack() {
    let mut stack = Stack::up().await;
    let console = console(&stack, &project());
    let Some(mut browser) = browser(&console, "the console while its stack starts anew") else { return };
    browser.until_live();
    let before = browser.eval("document.querySelector('#now-orders').innerText");
    assert!(stack.suite(&["down"]).status.success());
    browser.until(
        "the page to say so",
        "document.getElementById('live').textContent.includes('down')",
        Duration::from_secs(30),
    );
    assert!(stack.up_again().status.success());
    stack.reattach().await;
    browser.until(
        "the page to be live again",
        "document.getElementById('live').textContent.includes('● live')",
        Duration::from_secs(60),
    );
    let order = stack.post(ORDER).body["orderId"].as_str().unwrap().to_owned();
    browser.until(
        "the new stack's order",
        &format!("document.querySelector('#now-orders').innerText.includes({order:?})"),
        Duration::from_secs(60),
    );
    assert!(before.as_str().is_some_and(|before| !before.contains(&order)));
}

#[tokio::test(flavor = "multi_thread")]
async fn live_parts_follow_orders_and_the_first_paint_is_told() {
    let stack = Stack::up_with(&["--time-scale", "20"]).await;
    let console = console(&stack, &project());
    let Some(mut browser) = browser(&console, "the console's first paint") else { return };
    stack.post(ORDER);
    tokio::time::sleep(Duration::from_secs(7)).await;
    for path in ["/", "/dashboards/order-processing-local-orders"] {
        let mut times = Vec::new();
        for _ in 0..5 {
            browser.go(&format!("{}{path}", console.base()));
            browser.until(
                "the paint",
                "performance.getEntriesByName('first-contentful-paint').length",
                Duration::from_secs(20),
            );
            times.push(
                browser.eval("performance.getEntriesByName('first-contentful-paint')[0].startTime").as_f64().unwrap(),
            );
        }
        times.sort_by(f64::total_cmp);
        // A figure and no test: the machine may be busy. That a page begins before its data is there is held in tools/console/tests.
        eprintln!("first useful paint of {path}: median {:.0} ms, {times:.0?}", times[2]);
    }
    browser.go(&format!("{}/", console.base()));
    let order = stack.post(ORDER).body["orderId"].as_str().unwrap().to_owned();
    browser.until(
        "the order without a reload",
        &format!("document.querySelector('#now-orders').innerText.includes({order:?})"),
        Duration::from_secs(30),
    );
}
