//! What the viewer answers to the events that CloudWatch sends.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::{collections::BTreeMap, sync::Mutex};

use aws_sdk_sqs::types::MessageAttributeValue;
use dead_letter::Letter;
use function_config::{Env, FailureKind};
use jiff::Timestamp;
use serde_json::{Value, json};
use telemetry::{
    Config,
    testing::{Harness, SAMPLED},
};
use viewer::{Alarm, Alarms, AwsError, DeadLetters, Lines, Traces, Viewer, Waiting};

const ARN: &str = "arn:aws:lambda:us-east-1:111122223333:function:shop-test-viewer";
const ORDER: &str = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff";
const TRACE: &str = "1-65536f00-0123456789abcdef01234567";
/// In a body and an attribute, of which nothing may be shown.
const MARK: &str = "Zz7marked";

#[derive(Default)]
struct Stub {
    down: bool,
    indexed: bool,
    alarms: Vec<Alarm>,
    letters: Mutex<Vec<Letter>>,
    /// Messages that SQS will not take.
    refused: Vec<&'static str>,
    sent_back: Mutex<Vec<String>>,
}

fn error(service: &'static str) -> AwsError {
    AwsError { service, failure: FailureKind::Throttled.into() }
}

impl Traces for Stub {
    async fn ids(&self, order_id: &str, _from: Timestamp, _to: Timestamp) -> Result<Vec<String>, AwsError> {
        if self.down {
            return Err(error("X-Ray"));
        }
        Ok(if self.indexed && order_id == ORDER { vec![TRACE.to_owned()] } else { Vec::new() })
    }

    async fn documents(&self, ids: &[String]) -> Result<Vec<Vec<String>>, AwsError> {
        let documents = [
            r#"{"trace_id": "ID", "id": "00000000000000a2", "name": "validator", "origin": "AWS::Lambda::Function", "start_time": 1700000000.0, "end_time": 1700000000.1, "annotations": {"orderId": "ORDER"}, "subsegments": [{"id": "00000000000000b1", "name": "validate <order>", "start_time": 1700000000.02, "end_time": 1700000000.03}]}"#,
            r#"{"trace_id": "ID", "id": "00000000000000a3", "parent_id": "00000000000000b1", "name": "processor", "origin": "AWS::Lambda::Function", "start_time": 1700000000.3, "end_time": 1700000000.5, "fault": true, "annotations": {"orderId": "ORDER"}, "cause": {"exceptions": [{"id": "00000000000000e1", "type": "Throttled", "message": "AWS throttled the call"}]}}"#,
        ];
        let documents = documents.map(|document| document.replace("ID", TRACE).replace("ORDER", ORDER));
        Ok(ids.iter().map(|_| documents.to_vec()).collect())
    }
}

impl Lines for Stub {
    async fn lines(&self, order_id: &str, _from: Timestamp, _to: Timestamp) -> Result<Vec<String>, AwsError> {
        if order_id != ORDER {
            return Ok(Vec::new());
        }
        let accepted = json!({"timestamp": "2023-11-14T22:13:20Z", "level": "INFO", "message": "work done", "Service": "validator", "traceId": TRACE,
            "orderId": ORDER, "step": "handler", "outcome": "accepted", "durationMs": 7.1, "steps": [{"name": "parse", "ms": 0.1}, {"name": "enqueue", "ms": 6.8}]});
        let failed = json!({"timestamp": "2023-11-14T22:13:21Z", "level": "ERROR", "message": "work failed", "Service": "processor", "traceId": TRACE,
            "orderId": ORDER, "step": "record", "outcome": "throttled", "durationMs": 12.5, "errorClass": "Throttled", "error": "AWS throttled the call", "receiveCount": 2,
            "steps": [{"name": "decode", "ms": 0.2}, {"name": "store", "ms": 12.0, "outcome": "throttled", "errorClass": "Throttled"}]});
        Ok(vec![failed.to_string(), accepted.to_string(), "START RequestId: 1".to_owned()])
    }
}

impl DeadLetters for Stub {
    async fn look(&self, _hold_s: i32) -> Result<Waiting, AwsError> {
        let letters = self.letters.lock().unwrap().clone();
        Ok(Waiting { all: letters.len() as u64, letters })
    }

    async fn send_back(&self, letter: &Letter) -> Result<(), AwsError> {
        if self.refused.contains(&&*letter.message_id) {
            return Err(error("SQS"));
        }
        self.sent_back.lock().unwrap().push(letter.message_id.clone());
        Ok(())
    }
}

impl Alarms for Stub {
    async fn alarms(&self, prefix: &str) -> Result<Vec<Alarm>, AwsError> {
        assert_eq!(prefix, "shop-test-");
        if self.down { Err(error("CloudWatch")) } else { Ok(self.alarms.clone()) }
    }
}

fn viewer(stub: Stub, actions: bool) -> Viewer<Stub> {
    let actions = actions.to_string();
    let env = Env::from([
        ("PROJECT_NAME", "shop"),
        ("ENVIRONMENT", "test"),
        ("VIEWER_ACTIONS", &*actions),
        ("CONSOLE_URL", "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1"),
    ]);
    Viewer::new(stub, &env).unwrap()
}

async fn answer(stub: Stub, event: Value) -> String {
    viewer(stub, false).handle(event, ARN).await
}

/// As CloudWatch's documentation has it, with a widget's parameters at the top.
fn event(parameters: Value, forms: Value) -> Value {
    let mut event = json!({"widgetContext": {
        "dashboardName": "shop-test-orders", "widgetId": "widget-16", "accountId": "111122223333", "locale": "en",
        "timezone": {"label": "UTC", "offsetISO": "+00:00", "offsetInMinutes": 0}, "period": 300, "isAutoPeriod": true,
        "timeRange": {"mode": "relative", "start": 1699990000000i64, "end": 1700003600000i64, "relativeStart": 86400012},
        "theme": "dark", "linkCharts": true, "title": "Find an order", "forms": {"all": forms}, "params": parameters, "width": 588, "height": 369
    }});
    for (name, value) in parameters.as_object().unwrap() {
        event[name] = value.clone();
    }
    event
}

fn letter(id: &str, reason: &str) -> Letter {
    let attribute =
        |text: &str| MessageAttributeValue::builder().data_type("String").string_value(text).build().unwrap();
    Letter {
        message_id: id.into(),
        receipt_handle: id.into(),
        body: json!({"orderId": ORDER, "order": {"customerEmail": format!("{MARK}@example.com")}}).to_string(),
        attributes: [
            (dead_letter::REASON.into(), attribute(reason)),
            (dead_letter::STEP.into(), attribute("store")),
            ("tenant".into(), attribute(MARK)),
        ]
        .into(),
        system: BTreeMap::from([
            ("SentTimestamp".into(), "1700000000000".into()),
            ("ApproximateReceiveCount".into(), "3".into()),
        ]),
    }
}

fn with_letters() -> Stub {
    let conflict = "Conflict: another order is stored under this orderId";
    let letters = [letter("m1", conflict), letter("m2", conflict), letter("m3", &format!("please call {MARK}"))];
    Stub { letters: Mutex::new(letters.into()), ..Stub::default() }
}

#[tokio::test]
async fn describe_is_answered_with_markdown_whose_first_block_is_parameters() {
    let answer = answer(Stub::default(), json!({"describe": true})).await;
    assert!(answer.starts_with("## Orders"), "{answer}");
    let block = answer.split("```").nth(1).unwrap();
    assert_eq!(block.trim(), "yaml\nwidget: find-order");
    assert!(["find-order", "dead-letters", "alarms"].iter().all(|widget| answer.contains(&format!("`{widget}`"))));
}

#[tokio::test]
async fn what_is_no_widget_says_which_there_are() {
    let unknown = answer(Stub::default(), event(json!({"widget": "orders"}), json!({}))).await;
    assert!(unknown.contains("No such widget") && unknown.contains("<code>dead-letters</code>"), "{unknown}");
    let wrong = answer(Stub::default(), json!({"widget": 7})).await;
    assert!(wrong.contains("no event of a custom widget"), "{wrong}");
}

#[tokio::test]
async fn an_order_is_asked_for_by_a_form_and_shown_with_its_waterfall_and_two_lines() {
    let widget = json!({"widget": "find-order"});
    let empty = answer(Stub::default(), event(widget.clone(), json!({}))).await;
    assert!(empty.contains("<input name=\"order\"") && !empty.contains("<svg"), "{empty}");
    let action = format!(
        "<cwdb-action action=\"call\" display=\"widget\" endpoint=\"{ARN}\">{{&quot;widget&quot;:&quot;find-order&quot;}}</cwdb-action>"
    );
    assert!(empty.contains(&format!("<a class=\"btn btn-primary\">Find</a>{action}")), "{empty}");
    // With the index, and by the lines' trace ids before it.
    for indexed in [true, false] {
        let form = json!({"order": format!(" {ORDER} ")});
        let found = answer(Stub { indexed, ..Stub::default() }, event(widget.clone(), form)).await;
        assert!(
            found.contains("<svg") && found.contains("validate &lt;order&gt;") && found.contains("processor"),
            "{found}"
        );
        assert!(found.contains("✗ Not stored: the last attempt failed"), "{found}");
        assert!(found.contains("✓ accepted") && found.contains("✗ store 12.0 ms (throttled)"), "{found}");
        assert!(found.contains("Throttled: AWS throttled the call") && found.contains("receive 2"), "{found}");
        assert!(found.contains(&format!("region=us-east-1#xray:traces/{TRACE}")), "{found}");
        assert!(found.contains("2023-11-14 22:13:21 UTC"), "{found}");
    }
}

#[tokio::test]
async fn a_link_s_order_has_no_form_and_an_unknown_order_says_where_was_looked() {
    let linked = answer(Stub::default(), event(json!({"widget": "find-order", "order": ORDER}), json!({}))).await;
    assert!(linked.contains("<svg") && !linked.contains("<input"), "{linked}");
    let other = json!({"order": "00000000-0000-4000-8000-000000000000"});
    let unknown = answer(Stub::default(), event(json!({"widget": "find-order"}), other)).await;
    assert!(unknown.contains("Nothing is known of this order") && unknown.contains("2023-11-14 "), "{unknown}");
    let wrong = answer(Stub::default(), event(json!({"widget": "find-order"}), json!({"order": "<b>ada</b>"}))).await;
    assert!(
        wrong.contains("This is no order") && wrong.contains("value=\"&lt;b&gt;ada") && !wrong.contains("<b>"),
        "{wrong}"
    );
}

#[tokio::test]
async fn dead_letters_are_grouped_by_the_processors_own_reasons_and_nothing_else_of_them_is_shown() {
    let widget = json!({"widget": "dead-letters"});
    let none = answer(Stub::default(), event(widget.clone(), json!({}))).await;
    assert!(none.contains("✓ No dead letters"), "{none}");
    let shown = answer(with_letters(), event(widget, json!({}))).await;
    assert!(shown.contains("Conflict: 2") && shown.contains("None given: 1"), "{shown}");
    assert!(shown.find("Conflict: 2") < shown.find("None given: 1"), "the largest group first: {shown}");
    assert!(shown.contains(&format!("&quot;order&quot;:&quot;{ORDER}&quot;")), "an order leads to its way: {shown}");
    assert!(!shown.contains(MARK) && !shown.contains("Redrive 2"), "{shown}");
}

#[tokio::test]
async fn nothing_is_sent_back_unless_the_environment_allows_it_and_the_number_is_right() {
    let redrive =
        |count: u64| event(json!({"widget": "dead-letters", "redrive": "Conflict", "count": count}), json!({}));
    let forbidden = viewer(with_letters(), false);
    assert!(forbidden.handle(redrive(2), ARN).await.contains("Nothing is changed from this dashboard"));
    let allowed = viewer(with_letters(), true);
    let offered = allowed.handle(event(json!({"widget": "dead-letters"}), json!({})), ARN).await;
    assert!(offered.contains("confirmation=\"Send 2 letters (Conflict) back to the orders queue?"), "{offered}");
    let stale = allowed.handle(redrive(1), ARN).await;
    assert!(stale.contains("Nothing was sent back") && stale.contains("1 were confirmed and 2 are there"), "{stale}");
    let done = allowed.handle(redrive(2), ARN).await;
    assert!(done.contains("✓ 2 of 2 sent back") && !done.contains(MARK), "{done}");
    let refused = viewer(Stub { refused: vec!["m2"], ..with_letters() }, true).handle(redrive(2), ARN).await;
    assert!(refused.contains("✗ 1 of 2 sent back") && refused.contains("✗ SQS: AWS throttled the call"), "{refused}");
}

fn alarm(name: &str, state: &str, severity: &str, since: i64) -> Alarm {
    Alarm {
        name: format!("shop-test-{name}"),
        description: format!("Orders wait. Severity: {severity}. Runbook: https://example.com/runbooks/{name}.md"),
        state: state.into(),
        since: Timestamp::from_second(since).ok(),
        reason: "3 of 5 datapoints".into(),
    }
}

#[tokio::test]
async fn what_fires_is_shown_with_its_runbook_the_page_before_the_ticket() {
    let widget = json!({"widget": "alarms"});
    let quiet = Stub {
        alarms: vec![alarm("queue-age", "OK", "none", 1), alarm("dlq-depth", "INSUFFICIENT_DATA", "ticket", 1)],
        ..Stub::default()
    };
    let shown = answer(quiet, event(widget.clone(), json!({}))).await;
    assert!(shown.contains("✓ Nothing fires: 1 of 2 alarms are OK, 1 have no data"), "{shown}");
    let alarms = vec![
        alarm("queue-age", "ALARM", "none", 1_700_000_000),
        alarm("dlq-depth", "ALARM", "ticket", 1_700_000_000),
        alarm("processing-failing", "ALARM", "page", 1_700_000_100),
        alarm("api-5xx", "OK", "page", 1),
    ];
    let shown = answer(Stub { alarms, ..Stub::default() }, event(widget, json!({}))).await;
    let place = |text: &str| shown.find(text).unwrap_or(usize::MAX);
    assert!(place("processing-failing") < place("dlq-depth") && place("dlq-depth") < place("queue-age"), "{shown}");
    assert!(shown.contains("<h2>Runbook: processing-failing</h2>") && shown.contains("<h2>Diagnosis</h2>"), "{shown}");
    assert!(!shown.contains("<strong>api-5xx</strong>"), "{shown}");
    let page = answer(Stub::default(), event(json!({"widget": "alarms", "page": "dlq-depth"}), json!({}))).await;
    assert!(page.contains("<h2>Mitigation</h2>") && !page.contains(".md\""), "{page}");
    let missing = answer(Stub::default(), event(json!({"widget": "alarms", "page": "../etc/passwd"}), json!({}))).await;
    assert!(missing.contains("There is no such runbook") && missing.contains(">queue-age</a>"), "{missing}");
}

#[tokio::test]
async fn a_service_that_does_not_answer_is_told_and_counts_as_a_failure() {
    let viewer = viewer(Stub { down: true, ..Stub::default() }, false);
    let (answer, captured) = Harness::new(Config::new("shop", "viewer", "test"))
        .unwrap()
        .invoke(Some(SAMPLED), async {
            Ok::<_, std::convert::Infallible>(viewer.handle(event(json!({"widget": "alarms"}), json!({})), ARN).await)
        })
        .await;
    let answer = answer.unwrap();
    assert!(
        answer.contains("✗ CloudWatch: AWS throttled the call") && answer.contains("Refresh the widget"),
        "{answer}"
    );
    let step = captured.step("alarms").unwrap();
    assert_eq!((&step["outcome"], &step["errorClass"]), (&json!("throttled"), &json!("Throttled")));
}

#[tokio::test]
async fn who_looks_for_an_order_leaves_no_trace_of_that_order_and_nothing_personal() {
    let viewer = viewer(Stub { indexed: true, ..with_letters() }, false);
    let harness = Harness::new(Config::new("shop", "viewer", "test")).unwrap();
    let find = event(json!({"widget": "find-order"}), json!({"order": ORDER}));
    let (_, captured) = harness
        .invoke(Some(SAMPLED), async {
            viewer.handle(find, ARN).await;
            viewer.handle(event(json!({"widget": "find-order"}), json!({"order": MARK})), ARN).await;
            viewer.handle(event(json!({"widget": "dead-letters"}), json!({})), ARN).await;
            Ok::<_, std::convert::Infallible>(())
        })
        .await;
    assert!(captured.step("find-order").is_some());
    assert!(!captured.raw.contains(ORDER) && !captured.raw.contains(MARK), "{}", captured.raw);
}
