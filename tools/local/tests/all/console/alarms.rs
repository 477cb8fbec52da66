//! An alarm's page: setting its state, and muting it for a time.

use std::time::Duration;

use aws_sdk_cloudwatch::types::{MetricAlarm, StateValue};

use super::console;
use crate::common::{Stack, project, wait_for};

const NAME: &str = "dlq-depth";

async fn alarm(stack: &Stack) -> MetricAlarm {
    let client = aws_sdk_cloudwatch::Client::new(&stack.sdk);
    let described =
        client.describe_alarms().alarm_names(format!("order-processing-local-{NAME}")).send().await.unwrap();
    described.metric_alarms.unwrap().remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_is_set_and_muted_for_a_time_from_its_page_and_not_without_the_form_s_token() {
    let stack = Stack::up().await;
    let console = console(&stack, &project());
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).proxy(None).build().into();
    let address = |what: &str| format!("{}/alarms/{NAME}{what}", console.base());
    let bearer = format!("Bearer {}", console.token());
    let post = |what: &str, field: &str, value: &str| {
        let request = agent.post(address(what)).header("authorization", &bearer);
        request.send_form([(field, value)]).unwrap().status().as_u16()
    };
    let page = || {
        let mut answer = agent.get(address("")).header("authorization", &bearer).call().unwrap();
        answer.body_mut().read_to_string().unwrap()
    };
    assert_eq!(post("/state", "to", "ALARM"), 303);
    let set = alarm(&stack).await;
    assert_eq!(
        (set.state_value, set.state_reason.as_deref()),
        (Some(StateValue::Alarm), Some("Set by hand in the console"))
    );
    assert_eq!(post("/state", "to", "SOMETHING"), 502);

    assert_eq!(post("/mute", "for", "15m"), 303);
    assert_eq!(alarm(&stack).await.actions_enabled, Some(false));
    assert!(page().contains("Muted until"), "{}", page());
    assert_eq!(post("/mute", "end", "now"), 303);
    assert_eq!(alarm(&stack).await.actions_enabled, Some(true));
    // One that nobody ends, ends by itself.
    assert_eq!(post("/mute", "for", "1s"), 303);
    tokio::time::sleep(Duration::from_secs(1)).await;
    wait_for("the mute to end", async || (alarm(&stack).await.actions_enabled == Some(true)).then_some(())).await;
    assert!(page().contains("Mute for 15m"));

    let cookie = format!("console-{}={}", console.port(), console.token());
    let refused =
        agent.post(address("/mute")).header("cookie", cookie).send_form([("for", "15m"), ("token", "guess")]).unwrap();
    assert_eq!((refused.status().as_u16(), alarm(&stack).await.actions_enabled), (403, Some(true)));
}
