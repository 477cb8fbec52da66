//! The saved queries and the dashboard's log widgets, asked of the stack, and computed here over the same lines.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use aws_sdk_cloudwatchlogs::{Client, types::QueryStatus};
use aws_sdk_lambda::{
    primitives::Blob,
    types::{FunctionCode, Runtime},
};
use serde_json::Value;
use suite::{LOCAL, Names, Suite};

use crate::common::{ORDER, Stack, project, wait_for};

type Row = BTreeMap<String, String>;

struct Line {
    at: i64,
    fields: Value,
}

impl Line {
    /// As a result shows it; nested and missing fields are nothing.
    fn text(&self, field: &str) -> Option<String> {
        match &self.fields[field] {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(truth) => Some(u8::from(*truth).to_string()),
            _ => None,
        }
    }

    fn number(&self, field: &str) -> Option<f64> {
        self.fields[field].as_f64()
    }

    fn moment(&self) -> String {
        let at = jiff::Timestamp::from_millisecond(self.at).unwrap();
        at.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string()
    }
}

/// All lines that are JSON, oldest first.
async fn lines(logs: &Client, groups: &[String], end: i64) -> Vec<Line> {
    let mut lines = Vec::new();
    for group in groups {
        let call = logs.filter_log_events().log_group_name(group).start_time(0).end_time(end * 1000 + 999);
        let mut pages = call.into_paginator().send();
        while let Some(page) = pages.next().await {
            for event in page.unwrap().events() {
                let message = event.message().unwrap();
                if let Ok(fields @ Value::Object(_)) = serde_json::from_str(message) {
                    lines.push(Line { at: event.timestamp().unwrap(), fields });
                }
            }
        }
    }
    lines.sort_by_key(|line| line.at);
    lines
}

/// Epoch seconds.
fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

async fn ask(logs: &Client, query: &str, groups: Option<&[String]>, end: i64) -> Vec<Row> {
    let call = logs.start_query().query_string(query).start_time(0).end_time(end);
    let call = call.set_log_group_names(groups.map(<[String]>::to_vec)).send().await;
    let id = call.unwrap_or_else(|error| panic!("{query}: {error:?}")).query_id.unwrap();
    loop {
        let answer = logs.get_query_results().query_id(&id).send().await.unwrap();
        if answer.status() == Some(&QueryStatus::Complete) {
            let cell = |cell: &aws_sdk_cloudwatchlogs::types::ResultField| {
                (cell.field().unwrap().to_owned(), cell.value().unwrap().to_owned())
            };
            let row = |row: &Vec<_>| row.iter().map(cell).filter(|(field, _)| field != "@ptr").collect();
            return answer.results().iter().map(row).collect();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The named fields of these lines.
fn shown<'l>(lines: impl Iterator<Item = &'l Line>, fields: &[&str]) -> Vec<Row> {
    let row = |line: &Line| {
        let of = |field: &&str| {
            Some(((*field).to_owned(), if *field == "@timestamp" { Some(line.moment()) } else { line.text(field) }?))
        };
        fields.iter().filter_map(of).collect()
    };
    lines.map(row).collect()
}

/// What `make` says of each group of these lines, in any order.
fn grouped(
    lines: &[&Line],
    by: &[&str],
    make: impl Fn(&[&Line]) -> Vec<(&'static str, Option<String>)>,
) -> BTreeSet<Row> {
    let mut groups: BTreeMap<Vec<Option<String>>, Vec<&Line>> = BTreeMap::new();
    for line in lines {
        groups.entry(by.iter().map(|field| line.text(field)).collect()).or_default().push(line);
    }
    let row = |(key, members): (Vec<Option<String>>, Vec<&Line>)| {
        let names = by.iter().map(|name| (*name).to_owned()).zip(key);
        let made = make(&members).into_iter().map(|(name, value)| (name.to_owned(), value));
        names.chain(made).filter_map(|(name, value)| Some((name, value?))).collect()
    };
    groups.into_iter().map(row).collect()
}

fn latest(lines: &[&Line], field: &str) -> Option<String> {
    lines.iter().rev().find_map(|line| line.text(field))
}

/// The nearest rank, as a result shows it.
fn percentile(lines: &[&Line], field: &str, percent: usize) -> Option<String> {
    let mut values: Vec<f64> = lines.iter().filter_map(|line| line.number(field)).collect();
    values.sort_by(f64::total_cmp);
    let rank = (values.len() * percent).div_ceil(100);
    let value = *values.get(rank.saturating_sub(1))?;
    // Four decimals, or four digits where that would be less.
    let small = value != 0.0 && value < 1.0;
    let decimals = if small { 4 + usize::try_from((-value.log10()).floor() as i64).unwrap() } else { 4 };
    let text = format!("{value:.decimals$}");
    Some(text.trim_end_matches('0').trim_end_matches('.').to_owned())
}

fn failures(lines: &[Line]) -> BTreeSet<Row> {
    let failed: Vec<_> = lines.iter().filter(|line| line.text("errorClass").is_some()).collect();
    grouped(&failed, &["Service", "step", "errorClass"], |members| {
        let orders: BTreeSet<_> = members.iter().filter_map(|line| line.text("orderId")).collect();
        vec![
            ("failures", Some(members.len().to_string())),
            ("orders", Some(orders.len().to_string())),
            ("lastError", latest(members, "error")),
        ]
    })
}

fn steps(lines: &[Line]) -> BTreeSet<Row> {
    let units = |line: &&Line| line.text("HandlerDuration").is_some() || line.text("RecordDuration").is_some();
    let units: Vec<_> = lines.iter().filter(units).collect();
    grouped(&units, &["Service"], |members| {
        let p99 = |field| percentile(members, field, 99);
        vec![
            ("runs", Some(members.len().to_string())),
            ("parseMs", p99("ParseDuration")),
            ("validateMs", p99("ValidateDuration")),
            ("enqueueMs", p99("EnqueueDuration")),
            ("decodeMs", p99("DecodeDuration")),
            ("storeMs", p99("StoreDuration")),
        ]
    })
}

fn set(rows: Vec<Row>) -> BTreeSet<Row> {
    rows.into_iter().collect()
}

#[tokio::test]
async fn saved_queries_and_log_widgets_answer_as_a_computation_over_the_same_lines() {
    let stack = Stack::up().await;
    let mut ids = Vec::new();
    for order in [ORDER, ORDER, r#"{"customerName": "Ada"}"#] {
        let answer = stack.post(order);
        if let Some(id) = answer.body["orderId"].as_str() {
            stack.stored(id).await;
            ids.push(id.to_owned());
        }
    }
    let logs = Client::new(&stack.sdk);
    let groups: Vec<String> = ["validator_lambda_name", "processor_lambda_name"]
        .map(|name| format!("/aws/lambda/{}", stack.outputs[name]))
        .to_vec();
    // The last lines are written after the last answer.
    wait_for("the lines of two stored orders and of one refused", async || {
        let lines = lines(&logs, &groups, now()).await;
        let has = |field: &str, value: &str| lines.iter().any(|line| line.text(field).as_deref() == Some(value));
        let is_processed = |id: &String| {
            let of = |line: &&Line| line.text("orderId").as_ref() == Some(id);
            lines.iter().filter(of).any(|line| line.text("Service").as_deref() == Some("processor"))
        };
        (ids.iter().all(is_processed) && has("outcome", "rejected")).then_some(())
    })
    .await;
    let end = now();
    let lines = lines(&logs, &groups, end).await;
    // One invocation after the other is one execution environment's work.
    let streams = logs.describe_log_streams().log_group_name(&groups[0]).send().await.unwrap();
    let names: Vec<_> = streams.log_streams().iter().filter_map(|stream| stream.log_stream_name()).collect();
    assert!(matches!(names[..], [name] if name.contains("/[$LATEST]")), "{names:?}");

    let suite = Suite::read(&project()).unwrap();
    let saved = suite.saved_queries().unwrap();
    let names: Vec<_> = saved.keys().map(String::as_str).collect();
    assert_eq!(names, ["by-order", "by-trace", "failures-by-reason", "slowest-steps"]);
    for (name, field, placeholder) in [("by-order", "orderId", "ORDER_ID"), ("by-trace", "traceId", "TRACE_ID")] {
        let id = lines.iter().rev().find_map(|line| line.text(field)).unwrap();
        let rows = ask(&logs, &saved[name].query.replace(placeholder, &id), Some(&groups), end).await;
        let other = if field == "orderId" { ["traceId", "requestId"] } else { ["orderId", "spanId"] };
        let fields =
            ["@timestamp", "Service", "level", "step", "outcome", "durationMs", "message", "errorClass", "error"];
        let expected =
            shown(lines.iter().filter(|line| line.text(field).as_ref() == Some(&id)), &[&fields[..], &other].concat());
        assert!(!rows.is_empty(), "{name}");
        let times = |rows: &[Row]| rows.iter().map(|row| row["@timestamp"].clone()).collect::<Vec<_>>();
        assert_eq!(times(&rows), times(&expected), "{name}");
        assert_eq!(set(rows), set(expected), "{name}");
    }
    assert_eq!(set(ask(&logs, &saved["failures-by-reason"].query, Some(&groups), end).await), failures(&lines));
    assert_eq!(set(ask(&logs, &saved["slowest-steps"].query, Some(&groups), end).await), steps(&lines));

    let bodies = suite.dashboards(&Names::new("order-processing", LOCAL, "us-east-1")).unwrap();
    let body: Value = serde_json::from_str(&bodies["orders"]).unwrap();
    let mut widgets = 0;
    for widget in body["widgets"].as_array().unwrap().iter().filter(|widget| widget["type"] == "log") {
        let properties = &widget["properties"];
        let rows = ask(&logs, properties["query"].as_str().unwrap(), None, end).await;
        let title = properties["title"].as_str().unwrap();
        let expected = match title {
            "Latest failures" => {
                let failed = lines.iter().rev().filter(|line| line.text("errorClass").is_some()).take(20);
                set(shown(failed, &["@timestamp", "Service", "step", "errorClass", "error", "orderId", "traceId"]))
            }
            "Failures by reason" => failures(&lines),
            "Slowest traces" => {
                let traced = |line: &&Line| line.text("traceId").is_some() && line.text("durationMs").is_some();
                grouped(&lines.iter().filter(traced).collect::<Vec<_>>(), &["traceId"], |members| {
                    let slowest = members
                        .iter()
                        .max_by(|a, b| a.number("durationMs").unwrap().total_cmp(&b.number("durationMs").unwrap()));
                    vec![
                        ("slowestStepMs", slowest.and_then(|line| line.text("durationMs"))),
                        ("lastStep", latest(members, "step")),
                        ("anOrder", latest(members, "orderId")),
                    ]
                })
            }
            "Steps, p99 in ms" => steps(&lines),
            other => panic!("{other} is computed nowhere"),
        };
        assert_eq!(set(rows), expected, "{title}");
        widgets += 1;
    }
    assert_eq!(widgets, 4);
}

#[tokio::test]
async fn a_function_of_another_runtime_runs_and_has_a_stream_of_its_environment_too() {
    let stack = Stack::up().await;
    let lambda = aws_sdk_lambda::Client::new(&stack.sdk);
    let known = lambda.list_functions().send().await.unwrap();
    let role = known.functions()[0].role().unwrap();
    let mut package = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    package.start_file("shop.py", zip::write::SimpleFileOptions::default()).unwrap();
    package.write_all(b"def handle(event, context):\n    return {'answer': event['asked'] + 1}\n").unwrap();
    let code = Blob::new(package.finish().unwrap().into_inner());
    let create = lambda.create_function().function_name("shop").handler("shop.handle").role(role);
    let create = create.runtime(Runtime::from("python3.11"));
    create.code(FunctionCode::builder().zip_file(code).build()).send().await.unwrap();
    for asked in 0..2 {
        let event = Blob::new(format!(r#"{{"asked": {asked}}}"#));
        let answer = lambda.invoke().function_name("shop").payload(event).send().await.unwrap();
        assert_eq!(answer.function_error(), None);
        let answer: Value = serde_json::from_slice(answer.payload().unwrap().as_ref()).unwrap();
        assert_eq!(answer["answer"], asked + 1);
    }
    let logs = Client::new(&stack.sdk);
    let streams = logs.describe_log_streams().log_group_name("/aws/lambda/shop").send().await.unwrap();
    assert_eq!(streams.log_streams().len(), 1);
}
