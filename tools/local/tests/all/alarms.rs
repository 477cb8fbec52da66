//! Metrics and alarms of a running stack, at a clock that runs sixty times as fast.

use std::{collections::BTreeMap, path::Path, process::Command};

use alarms::model::MetricKey;
use alarms_cli::sources;
use aws_sdk_cloudwatch::{
    Client,
    primitives::DateTime,
    types::{AlarmType, ComparisonOperator, HistoryItemType, StateValue, Statistic},
};
use serde_json::Value;
use suite::{Names, Suite};

use crate::common::{ORDER, Stack, project, python, wait_for};

fn names() -> Names {
    Names::new("order-processing", "local", "us-east-1")
}

async fn fast_stack() -> (Stack, Client) {
    let stack = Stack::up_with(&["--time-scale", "60"]).await;
    let client = Client::new(&stack.sdk);
    (stack, client)
}

/// The operator's tool, which the workspace builds beside this one.
fn orders(stack: &Stack, arguments: &[&str]) -> Value {
    let program = Path::new(env!("CARGO_BIN_EXE_suite")).with_file_name("orders");
    assert!(program.exists(), "`cargo build -p orders` makes what this needs");
    let output = Command::new(program)
        .args(["--env", "local", "--local-dir"])
        .arg(stack.dir())
        .args(arguments)
        .output()
        .unwrap();
    assert_ne!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

async fn metrics(client: &Client) -> Vec<MetricKey> {
    let mut found = Vec::new();
    let mut pages = client.list_metrics().into_paginator().send();
    while let Some(page) = pages.next().await {
        found.extend(page.unwrap().metrics.unwrap_or_default().into_iter().map(|metric| {
            let key = MetricKey::new(metric.namespace.unwrap(), metric.metric_name.unwrap());
            let dimensions = metric.dimensions.unwrap_or_default();
            dimensions.into_iter().fold(key, |key, pair| key.with(pair.name.unwrap(), pair.value.unwrap()))
        }));
    }
    found
}

async fn states(client: &Client) -> BTreeMap<String, String> {
    let described = client
        .describe_alarms()
        .alarm_types(AlarmType::MetricAlarm)
        .alarm_types(AlarmType::CompositeAlarm)
        .max_records(100)
        .send()
        .await
        .unwrap();
    let state = |state: Option<StateValue>| state.unwrap().as_str().to_owned();
    let metric = described
        .metric_alarms()
        .iter()
        .map(|alarm| (alarm.alarm_name.clone().unwrap(), state(alarm.state_value.clone())));
    let composite = described
        .composite_alarms()
        .iter()
        .map(|alarm| (alarm.alarm_name.clone().unwrap(), state(alarm.state_value.clone())));
    metric.chain(composite).collect()
}

/// Not an order: the processor moves it to the dead-letter queue.
async fn poison(stack: &Stack) {
    let url = &stack.outputs["orders_queue_url"];
    stack.sqs().send_message().queue_url(url).message_body("not an order").send().await.unwrap();
}

/// What is written only when there is something to count; `emitted.rs` holds the names to the functions' definitions.
const RARE: [&str; 3] = ["OrdersDead", "OrdersRepeated", "TelemetryDropped"];

/// The catalogue, the functions and the stack are of one mind: what an alarm watches is really there once there was traffic.
#[tokio::test(flavor = "multi_thread")]
async fn every_metric_that_an_alarm_names_is_there_after_traffic() {
    let (stack, client) = fast_stack().await;
    // Orders wait in the queue, and the table throttles.
    stack.fault(&["dynamodb:PutItem", "throttle", "--times", "12"]);
    assert_eq!(stack.post(ORDER).status, 202);
    assert_eq!(stack.post("{}").status, 400);
    poison(&stack).await;

    let catalogue = sources::catalogue::read(
        &names().placeholders().fill(&Suite::read(&project()).unwrap().alarms().unwrap()).unwrap(),
        Some(&names().prefix()),
    )
    .unwrap();
    let watched: Vec<_> =
        catalogue.metric_alarms.iter().flat_map(|alarm| alarm.metrics().map(|(_, metric, _)| metric.clone())).collect();
    assert!(watched.len() > 40, "{}", watched.len());
    let missing = async || -> Vec<String> {
        let found = metrics(&client).await;
        let mut missing: Vec<_> =
            watched.iter().filter(|metric| !found.contains(metric)).map(ToString::to_string).collect();
        missing.retain(|metric| !RARE.iter().any(|rare| metric.contains(&format!(" {rare} "))));
        missing.sort();
        missing.dedup();
        missing
    };
    for _ in 0..300 {
        if missing().await.is_empty() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("alarms name what is not there after a minute: {:#?}", missing().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_an_alarm_for_every_client_and_a_page() {
    let (stack, client) = fast_stack().await;
    let sqs = stack.sqs();
    let pager = sqs.create_queue().queue_name("pager").send().await.unwrap().queue_url.unwrap();
    let arn = |service: &str, name: &str| format!("arn:aws:{service}:us-east-1:000000000000:{name}");
    sqs.set_queue_attributes()
        .queue_url(&pager)
        .attributes(
            aws_sdk_sqs::types::QueueAttributeName::Policy,
            serde_json::json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage", "Resource": arn("sqs", "pager")}]}).to_string(),
        )
        .send()
        .await
        .unwrap();
    aws_sdk_sns::Client::new(&stack.sdk)
        .subscribe()
        .topic_arn(arn("sns", "order-processing-local-page"))
        .protocol("sqs")
        .endpoint(arn("sqs", "pager"))
        .send()
        .await
        .unwrap();
    poison(&stack).await;

    let depth = "order-processing-local-dlq-depth";
    wait_for("dlq-depth to fire", async || (states(&client).await.get(depth)? == "ALARM").then_some(())).await;

    // The SDK and the operator's tool see the same states; between the two looks a minute may end.
    wait_for("the same states from both", async || {
        let listed = orders(&stack, &["alarms", "--json"]);
        let listed: BTreeMap<String, String> = listed
            .as_array()
            .unwrap()
            .iter()
            .map(|alarm| (alarm["name"].as_str().unwrap().to_owned(), alarm["state"].as_str().unwrap().to_owned()))
            .collect();
        (listed.len() == 41 && listed == states(&client).await).then_some(())
    })
    .await;

    let listed = orders(&stack, &["alarms", "--json"]);
    let shown = listed.as_array().unwrap().iter().find(|alarm| alarm["name"] == depth).unwrap();
    assert_eq!(
        (&shown["state"], &shown["value"], &shown["runbook"]),
        (&"ALARM".into(), &1.0.into(), &"runbooks/dlq-depth.md".into()),
        "{shown}"
    );
    assert_eq!(listed[0]["state"], "ALARM", "firing first");

    // The alarm's own definition, as DescribeAlarms gives it, answers with the same value.
    let described = client.describe_alarms().alarm_names(depth).send().await.unwrap();
    let alarm = &described.metric_alarms()[0];
    let at = alarm.state_updated_timestamp.unwrap().secs();
    let data = client
        .get_metric_data()
        .set_metric_data_queries(alarm.metrics.clone())
        .start_time(DateTime::from_secs(at - 300))
        .end_time(DateTime::from_secs(at + 300))
        .send()
        .await
        .unwrap();
    assert_eq!(data.metric_data_results()[0].values().first(), Some(&1.0), "{data:?}");

    let page = wait_for("the page", async || {
        let received = sqs.receive_message().queue_url(&pager).send().await.unwrap().messages?.into_iter().next()?;
        let envelope: Value = serde_json::from_str(received.body()?).unwrap();
        let message: Value = serde_json::from_str(envelope["Message"].as_str()?).unwrap();
        (message["NewStateValue"] == "ALARM").then_some((envelope, message))
    })
    .await;
    let (envelope, message) = page;
    assert_eq!(message["AlarmName"], "order-processing-local-orders-dead-lettered", "{message}");
    assert!(
        envelope["Subject"].as_str().unwrap().starts_with("ALARM: \"order-processing-local-orders-dead-lettered\"")
    );
    assert!(message["AlarmDescription"].as_str().unwrap().ends_with("Runbook: runbooks/dlq-depth.md"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_a_client_sets_lasts_until_the_next_evaluation_and_is_history() {
    let (_stack, client) = fast_stack().await;
    let name = "order-processing-local-queue-age";
    let ok = async || (states(&client).await.get(name)? == "OK").then_some(());
    wait_for("queue-age to be evaluated", ok).await;
    client
        .set_alarm_state()
        .alarm_name(name)
        .state_value(StateValue::Alarm)
        .state_reason("a drill")
        .send()
        .await
        .unwrap();
    wait_for("queue-age to be evaluated again", ok).await;
    let history = client.describe_alarm_history().alarm_name(name).history_item_type(HistoryItemType::StateUpdate);
    let history = history.send().await.unwrap();
    let summaries: Vec<_> = history.alarm_history_items().iter().filter_map(|item| item.history_summary()).collect();
    assert_eq!(summaries[..2], ["Alarm updated from ALARM to OK", "Alarm updated from OK to ALARM"], "{summaries:?}");
    let refused = client.set_alarm_state().alarm_name(name).state_value("BROKEN".into()).state_reason("x").send().await;
    assert!(refused.is_err());
}

/// In no catalogue, in CBOR and in Query, which Terraform's provider speaks up to 6.49: the same evaluator judges them, and each protocol
/// tells them whole.
#[tokio::test(flavor = "multi_thread")]
async fn alarms_of_any_client_go_to_alarm_and_back() {
    let (stack, _client) = fast_stack().await;
    let credentials = &stack.state_file()["credentials"];
    let key = |name: &str| credentials[name].as_str().unwrap();
    let output = Command::new(python())
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/any_client.py"))
        .env("AWS_ACCESS_KEY_ID", key("access_key"))
        .env("AWS_SECRET_ACCESS_KEY", key("secret_key"))
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_ENDPOINT_URL", stack.sdk.endpoint_url().unwrap())
        .output()
        .unwrap();
    let (told, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("{told}");
    assert!(output.status.success(), "{told}{errors}");
    assert!(told.contains("alarms [nobody] in the alarm rule do not exist"), "{told}");
}

/// `alarms --live`: metric alarms, composites, more of them than a page holds; and what it can't read it tells.
#[tokio::test(flavor = "multi_thread")]
async fn the_alarms_command_reads_what_is_deployed() {
    let stack = Stack::up().await;
    let client = Client::new(&stack.sdk);
    for n in 0..70 {
        let alarm = client.put_metric_alarm().alarm_name(format!("shop-{n}")).namespace("shop").metric_name("Refusals");
        let alarm = alarm.statistic(Statistic::Sum).period(60).evaluation_periods(3).threshold(f64::from(n));
        alarm.comparison_operator(ComparisonOperator::GreaterThanThreshold).send().await.unwrap();
    }
    let rule = "ALARM(shop-0) AND NOT ALARM(shop-69)";
    client.put_composite_alarm().alarm_name("shop").alarm_rule(rule).send().await.unwrap();

    let program = Path::new(env!("CARGO_BIN_EXE_suite")).with_file_name("alarms");
    assert!(program.exists(), "`cargo build -p alarms-cli` makes what this needs");
    let variables = std::fs::read_to_string(stack.dir().join("env")).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let alarms = |arguments: &[&str]| {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{variables}\nexec \"$@\""), "sh"]).arg(&program).args(arguments);
        let output = command.current_dir(elsewhere.path()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (_, out, err) = alarms(&["lint", "--live", "--json"]);
    let told: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    let of_rule =
        |rule: &str| told["findings"].as_array().unwrap().iter().filter(|found| found["rule"] == rule).count();
    // The project's own treat missing data; none of these does.
    assert_eq!(of_rule("missing-data"), 70, "{out}");
    assert_eq!((of_rule("composite"), &told["notEvaluated"]), (0, &serde_json::json!([])), "{out}");
    assert!(err.contains("mute rules can't be read, so actions run as if there were none"), "{err}");
    let (code, out, err) = alarms(&["explain", "shop", "--live"]);
    assert!(code == Some(0) && out.contains(rule), "{out}{err}");
    let (code, out, err) = alarms(&["explain", "order-processing-local-queue-age", "--live"]);
    assert!(code == Some(0) && out.contains("ApproximateAgeOfOldestMessage"), "{out}{err}");
}

#[tokio::test]
async fn a_metric_widget_is_a_picture_for_any_client() {
    let (stack, client) = fast_stack().await;
    let widget = r#"{"metrics": [["AWS/ApiGateway", "Count", "ApiName", "order-processing-local-api"]], "stat": "Sum", "period": 60,
        "width": 500, "height": 250, "theme": "dark", "title": "Requests", "start": "-PT1H"}"#;
    let draw = async |widget: &str| client.get_metric_widget_image().metric_widget(widget).send().await;
    let drawn = draw(widget).await.unwrap();
    let png = drawn.metric_widget_image().unwrap().as_ref().to_vec();
    let number = |from: usize| u32::from_be_bytes(png[from..from + 4].try_into().unwrap());
    assert_eq!((&png[1..4], number(16), number(20)), (&b"PNG"[..], 500, 250));
    let arn = client.describe_alarms().send().await.unwrap().metric_alarms()[0].alarm_arn().unwrap().to_owned();
    let of_an_alarm = draw(&format!(r#"{{"annotations": {{"alarms": ["{arn}"]}}}}"#)).await.unwrap();
    assert!(of_an_alarm.metric_widget_image().unwrap().as_ref().starts_with(b"\x89PNG"));
    let refused = draw(r#"{"metrics": [["A", "B"]], "width": 2001}"#).await.unwrap_err();
    let message = aws_sdk_cloudwatch::error::DisplayErrorContext(refused).to_string();
    assert!(message.contains("ValidationError") && message.contains("width is from 1 to 2000, not 2001"), "{message}");

    // Older clients speak Query, and read the picture out of XML.
    let script = "import base64, botocore.session, sys\n\
        client = botocore.session.get_session().create_client('cloudwatch')\n\
        print(client.get_metric_widget_image(MetricWidget=sys.argv[1])['MetricWidgetImage'][:4])";
    let variables = std::fs::read_to_string(stack.dir().join("env")).unwrap();
    let output = Command::new("sh")
        .args(["-c", &format!("{variables}\nexec \"$@\""), "sh"])
        .arg(python())
        .args(["-c", script, widget])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(told.contains("PNG"), "{told}{}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn a_record_of_a_time_that_cloudwatch_would_not_take_is_told_in_the_stack_s_log() {
    let stack = Stack::up().await;
    let logs = aws_sdk_cloudwatchlogs::Client::new(&stack.sdk);
    logs.create_log_group().log_group_name("/shop").send().await.unwrap();
    logs.create_log_stream().log_group_name("/shop").log_stream_name("s").send().await.unwrap();
    let now =
        i64::try_from(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()).unwrap();
    for stamp in [(now - 15 * 86_400) * 1000, (now + 3 * 3600) * 1000, now] {
        let record = serde_json::json!({"_aws": {"Timestamp": stamp, "CloudWatchMetrics": [{"Namespace": "shop", "Dimensions": [[]], "Metrics": [{"Name": "M"}]}]}, "M": 1});
        let event =
            aws_sdk_cloudwatchlogs::types::InputLogEvent::builder().timestamp(now * 1000).message(record.to_string());
        let put = logs.put_log_events().log_group_name("/shop").log_stream_name("s").log_events(event.build().unwrap());
        put.send().await.unwrap();
    }
    let log = wait_for("three lines in the stack's log", async || {
        let log = std::fs::read_to_string(stack.dir().join("stack.log")).unwrap();
        (log.matches("metrics: /shop: a record's _aws.Timestamp").count() == 3).then_some(log)
    })
    .await;
    for reason in [
        "it is older than two weeks: 1 datapoint not kept",
        "more than two hours ahead",
        "written in seconds, and the format asks for milliseconds",
    ] {
        assert!(log.contains(reason), "{reason}: {log}");
    }
}
