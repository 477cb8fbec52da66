//! The viewer as CloudWatch calls it: the function from its zip, with its own role and nothing that its policy does not allow.

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_sqs::types::MessageAttributeValue;
use serde_json::{Value, json};

use crate::common::{ORDER, Stack, project, wait_for};

/// What a widget shows.
async fn ask(stack: &Stack, event: Value) -> String {
    let answer = aws_sdk_lambda::Client::new(&stack.sdk)
        .invoke()
        .function_name(&stack.outputs["viewer_function_arn"])
        .payload(Blob::new(event.to_string()))
        .send()
        .await
        .unwrap();
    let payload = answer.payload.unwrap().into_inner();
    assert_eq!(answer.function_error, None, "{}", String::from_utf8_lossy(&payload));
    serde_json::from_slice::<String>(&payload).unwrap()
}

async fn dead_letter(stack: &Stack) {
    let attribute =
        |text: &str| MessageAttributeValue::builder().data_type("String").string_value(text).build().unwrap();
    stack
        .sqs()
        .send_message()
        .queue_url(&stack.outputs["orders_dlq_url"])
        .message_body(
            r#"{"orderId": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "order": {"customerEmail": "ada@example.com"}}"#,
        )
        .message_attributes("FailureReason", attribute("Undecodable: missing field `order` at line 1 column 20"))
        .message_attributes("FailureStep", attribute("decode"))
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn it_finds_an_order_shows_dead_letters_and_what_fires_and_changes_nothing() {
    let stack = Stack::up().await;
    let docs = ask(&stack, json!({"describe": true})).await;
    assert!(docs.starts_with("## Orders"), "{docs}");
    let order = stack.post(ORDER).body["orderId"].as_str().unwrap().to_owned();
    stack.stored(&order).await;
    let form = json!({"widget": "find-order", "widgetContext": {"forms": {"all": {"order": order}}, "theme": "light", "width": 900}});
    let found = wait_for("the order's trace with both functions in it", async || {
        let found = ask(&stack, form.clone()).await;
        (found.contains("✓ Stored") && found.contains("store") && found.contains("<svg")).then_some(found)
    })
    .await;
    for part in ["parse", "enqueue", "decode", "PutItem", "accepted", "<cwdb-action"] {
        assert!(found.contains(part), "{part}: {found}");
    }
    assert!(!found.contains("✗"), "{found}");

    dead_letter(&stack).await;
    let shown = ask(&stack, json!({"widget": "dead-letters"})).await;
    assert!(shown.contains("Undecodable: 1") && !shown.contains("ada@") && !shown.contains("Redrive 1"), "{shown}");
    let refused = ask(&stack, json!({"widget": "dead-letters", "redrive": "Undecodable", "count": 1})).await;
    assert!(refused.contains("Nothing is changed from this dashboard"), "{refused}");

    let quiet = ask(&stack, json!({"widget": "alarms"})).await;
    assert!(quiet.contains("✓ Nothing fires"), "{quiet}");
    aws_sdk_cloudwatch::Client::new(&stack.sdk)
        .set_alarm_state()
        .alarm_name("order-processing-local-dlq-depth")
        .state_value(aws_sdk_cloudwatch::types::StateValue::Alarm)
        .state_reason("a test")
        .send()
        .await
        .unwrap();
    let firing = ask(&stack, json!({"widget": "alarms"})).await;
    assert!(firing.contains("<strong>dlq-depth</strong>") && firing.contains("<h2>Diagnosis</h2>"), "{firing}");
}

#[tokio::test]
async fn it_sends_dead_letters_back_where_the_environment_allows_it() {
    let stack = Stack::up_changed(|settings| settings["viewer"]["actions"] = json!(true), &[]).await;
    dead_letter(&stack).await;
    let shown = ask(&stack, json!({"widget": "dead-letters"})).await;
    assert!(shown.contains("confirmation=\"Send 1 letter (Undecodable) back"), "{shown}");
    // What the first look holds shows again by itself.
    let done = wait_for("the letter to be sent back", async || {
        let done = ask(&stack, json!({"widget": "dead-letters", "redrive": "Undecodable", "count": 1})).await;
        done.contains("✓ 1 of 1 sent back").then_some(done)
    })
    .await;
    assert!(done.contains("✓ sent back") && !done.contains("ada@"), "{done}");
    // It is no order: the processor moves it once more.
    let again = wait_for("the letter to come back", async || stack.dead_letters().await.into_iter().next()).await;
    assert!(again.message_attributes.unwrap().contains_key("Redriven"));
}

#[tokio::test]
async fn what_its_policy_does_not_allow_is_refused_by_every_service_it_asks() {
    let stack = Stack::up().await;
    let order = stack.post(ORDER).body["orderId"].as_str().unwrap().to_owned();
    stack.stored(&order).await;
    dead_letter(&stack).await;
    let find = json!({"widget": "find-order", "order": order});
    for (sid, event, service) in [
        ("ReadOrderLines", find.clone(), "CloudWatch Logs"),
        ("ReadTracesAndAlarms", find, "X-Ray"),
        ("ReadTracesAndAlarms", json!({"widget": "alarms"}), "CloudWatch"),
        ("LookAtDeadLetters", json!({"widget": "dead-letters"}), "SQS"),
    ] {
        policy_without(&stack, Some(sid)).await;
        let refused = ask(&stack, event.clone()).await;
        assert!(refused.contains(&format!("✗ {service}: AWS refused the call (AccessDenied")), "{sid}: {refused}");
        policy_without(&stack, None).await;
        let allowed = ask(&stack, event).await;
        assert!(!allowed.contains("AWS refused"), "{sid}: {allowed}");
    }
}

/// The viewer's policy, with one statement less.
async fn policy_without(stack: &Stack, sid: Option<&str>) {
    let names = suite::Names::new("order-processing", "local", "us-east-1");
    let text = suite::Suite::read(&project()).unwrap().policy("viewer", &names.policy_placeholders("viewer"));
    let mut policy: Value = serde_json::from_str(&text.unwrap()).unwrap();
    policy["Statement"].as_array_mut().unwrap().retain(|statement| statement["Sid"].as_str() != sid);
    aws_sdk_iam::Client::new(&stack.sdk)
        .put_role_policy()
        .role_name(names.function("viewer"))
        .policy_name("viewer")
        .policy_document(policy.to_string())
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn without_it_there_is_no_function_and_no_widget_of_it() {
    let stack = Stack::up_changed(|settings| settings["viewer"]["enabled"] = json!(false), &[]).await;
    assert!(!stack.outputs.contains_key("viewer_function_arn"));
    let functions = aws_sdk_lambda::Client::new(&stack.sdk).list_functions().send().await.unwrap().functions.unwrap();
    assert_eq!(functions.len(), 2);
    let dashboard = aws_sdk_cloudwatch::Client::new(&stack.sdk)
        .get_dashboard()
        .dashboard_name("order-processing-local-orders")
        .send()
        .await
        .unwrap();
    assert!(!dashboard.dashboard_body.unwrap().contains("\"custom\""));
}
