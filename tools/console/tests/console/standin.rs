//! An environment that answers as AWS does, from a few lines of data: for pages, not for the suite. The real one is in
//! tools/local/tests/all/console.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde_json::{Value, json};

pub(crate) const ORDER: &str = "50107687-2281-44d9-a75c-996f7a4f50ed";
pub(crate) const TRACE: &str = "1-6b040abb-0da84e1398cccff644ce6827";
const PREFIX: &str = "order-processing-local";

/// The folder of a local stack, and a server in its place.
pub(crate) struct StandIn {
    pub(crate) folder: tempfile::TempDir,
    /// Method and path of each change that was asked for.
    pub(crate) changes: Arc<Mutex<Vec<String>>>,
    pub(crate) asked: Arc<Asked>,
}

/// What was asked, and whether data is held back.
#[derive(Default)]
pub(crate) struct Asked {
    pub(crate) operations: Mutex<Vec<String>>,
    pub(crate) hold: AtomicBool,
}

impl StandIn {
    pub(crate) fn start() -> Self {
        let (folder, changes) = (tempfile::tempdir().unwrap(), Arc::new(Mutex::new(Vec::new())));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let env = [
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
        ];
        let env: String = env.iter().map(|(name, value)| format!("export {name}='{value}'\n")).collect();
        fs::write(folder.path().join("env"), env).unwrap();
        let outputs = json!({
            "api_url": format!("{endpoint}/orders"),
            "orders_queue_url": format!("{endpoint}/000000000000/{PREFIX}-orders"),
            "orders_dlq_url": format!("{endpoint}/000000000000/{PREFIX}-orders-dlq"),
            "validator_lambda_name": format!("{PREFIX}-validator"),
            "processor_lambda_name": format!("{PREFIX}-processor"),
            "orders_table_name": format!("{PREFIX}-orders"),
        });
        fs::write(folder.path().join("outputs.json"), outputs.to_string()).unwrap();
        let (told, asked) = (Arc::clone(&changes), Arc::<Asked>::default());
        let heard = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (told, heard) = (Arc::clone(&told), Arc::clone(&heard));
                std::thread::spawn(move || serve(stream, &told, &heard));
            }
        });
        Self { folder, changes, asked }
    }
}

/// One request of a connection after the other.
fn serve(mut stream: TcpStream, changes: &Mutex<Vec<String>>, asked: &Asked) {
    let mut pending = Vec::new();
    loop {
        let head = loop {
            if let Some(end) = pending.windows(4).position(|window| window == b"\r\n\r\n") {
                break pending.drain(..end + 4).collect::<Vec<u8>>();
            }
            let mut buffer = [0; 8192];
            match stream.read(&mut buffer) {
                Ok(read) if read > 0 => pending.extend_from_slice(&buffer[..read]),
                _ => return,
            }
        };
        let head = String::from_utf8_lossy(&head).into_owned();
        let header = |name: &str| {
            head.lines()
                .find_map(|line| line.split_once(':').filter(|(key, _)| key.eq_ignore_ascii_case(name)))
                .map(|(_, value)| value.trim().to_owned())
        };
        let length: usize = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        while pending.len() < length {
            let mut buffer = [0; 8192];
            match stream.read(&mut buffer) {
                Ok(read) if read > 0 => pending.extend_from_slice(&buffer[..read]),
                _ => return,
            }
        }
        let body: Vec<u8> = pending.drain(..length).collect();
        let mut words = head.split(' ');
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        if path == "/_local/faults" && method != "GET" {
            changes.lock().unwrap().push(format!("{method} {}", header("x-suite-secret").unwrap_or_default()));
        }
        let target = header("x-amz-target").unwrap_or_default();
        let operation = path.rsplit_once("/operation/").map_or(target.as_str(), |(_, operation)| operation);
        let operation = operation.rsplit('.').next().unwrap_or_default().to_owned();
        let is_data = ["GetMetricData", "StartQuery"].contains(&operation.as_str());
        asked.operations.lock().unwrap().push(operation);
        while is_data && asked.hold.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(5));
        }
        let (kind, answer) = match path.rsplit_once("/operation/") {
            Some((_, operation)) => ("application/cbor", cbor(&cloudwatch(operation))),
            None => ("application/json", answer(path, &target, &body).to_string().into_bytes()),
        };
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nsmithy-protocol: rpc-v2-cbor\r\ncontent-length: {}\r\n\r\n",
            answer.len()
        );
        if stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&answer)).is_err() {
            return;
        }
    }
}

fn now() -> f64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64().floor()
}

fn answer(path: &str, target: &str, body: &[u8]) -> Value {
    let operation = target.rsplit('.').next().unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    match (path, operation) {
        ("/_local/health", _) => {
            json!({"emulator": "up", "xray_daemon": "127.0.0.1:2000", "traces": {"received": 40, "stored": 38, "replaced": 2, "traces": 12, "bytes": 40960}})
        }
        ("/_local/metrics", _) => {
            json!({"now": now(), "timeScale": 60.0, "metrics": 55, "refused": {}, "periodsWithoutPercentiles": 0})
        }
        ("/_local/faults", _) => json!([]),
        ("/orders", _) => json!({"message": "Order accepted for processing", "orderId": ORDER}),
        ("/TraceSummaries", _) => {
            json!({"TraceSummaries": [summary(0.106, 202, false), summary(0.9, 503, true), summary(0.02, 400, false)]})
        }
        ("/Traces", _) => json!({"Traces": [{"Id": TRACE, "Segments": segments()}]}),
        ("/ServiceGraph", _) => graph(),
        (path, _) if path.contains("event-source-mappings") => {
            json!({"EventSourceMappings": [{"UUID": "7f000001-0000-4000-8000-000000000001", "State": "Enabled"}]})
        }
        (_, "GetQueueAttributes") => {
            let dead = String::from_utf8_lossy(body).contains("-dlq");
            json!({"Attributes": {"ApproximateNumberOfMessages": if dead { "1" } else { "3" }, "ApproximateNumberOfMessagesNotVisible": "0", "ApproximateNumberOfMessagesDelayed": "0", "MessageRetentionPeriod": "1209600"}})
        }
        (_, "ReceiveMessage") => json!({"Messages": [letter()]}),
        (_, "ChangeMessageVisibilityBatch") => json!({"Successful": [{"Id": "0"}], "Failed": []}),
        (_, "StartQuery") => json!({"queryId": "q"}),
        (_, "GetQueryResults") => json!({"status": "Complete", "results": rows()}),
        (_, "FilterLogEvents") => json!({"events": lines()}),
        (_, "GetItem") => {
            json!({"Item": {"orderId": {"S": ORDER}, "createdAt": {"S": "2026-11-23T09:43:23.635Z"}, "processedAt": {"S": "2026-11-23T09:43:23.692Z"}, "customerEmail": {"S": "marked.customer@example.com"}}})
        }
        _ => json!({}),
    }
}

fn summary(duration: f64, status: i64, fault: bool) -> Value {
    json!({"Id": TRACE, "StartTime": now() - 60.0, "Duration": duration, "HasFault": fault, "HasError": status == 400, "Http": {"HttpStatus": status},
        "Annotations": {"orderId": [{"AnnotationValue": {"StringValue": ORDER}}]}})
}

fn segments() -> Vec<Value> {
    let at = 1_795_426_903.6;
    let segment = |id: &str, parent: Option<&str>, name: &str, origin: &str, from: f64, to: f64, below: Value| {
        let document = json!({"id": id, "trace_id": TRACE, "parent_id": parent, "name": name, "origin": origin, "start_time": at + from, "end_time": at + to, "subsegments": below});
        json!({"Id": id, "Document": document.to_string()})
    };
    let step = |id: &str, name: &str, from: f64, to: f64, fault: bool| json!({"id": id, "name": name, "start_time": at + from, "end_time": at + to, "fault": fault});
    vec![
        segment("00000000000000a1", None, "api/local", "AWS::ApiGateway::Stage", 0.0, 0.062, json!([])),
        segment(
            "00000000000000a2",
            Some("00000000000000a1"),
            "validator",
            "AWS::Lambda::Function",
            0.002,
            0.06,
            json!([
                step("00000000000000b1", "parse", 0.045, 0.046, false),
                step("00000000000000b2", "SQS", 0.046, 0.052, false)
            ]),
        ),
        segment(
            "00000000000000a3",
            Some("00000000000000b2"),
            "processor",
            "AWS::Lambda::Function",
            0.1,
            0.106,
            json!([
                step("00000000000000b3", "PutItem", 0.101, 0.103, true),
                step("00000000000000b4", "PutItem", 0.104, 0.106, false)
            ]),
        ),
    ]
}

fn graph() -> Value {
    let statistics = json!({"OkCount": 18, "TotalCount": 20, "TotalResponseTime": 2.0, "ErrorStatistics": {"OtherCount": 1, "ThrottleCount": 0, "TotalCount": 1}, "FaultStatistics": {"OtherCount": 1, "TotalCount": 1}});
    let service = |id: i64, name: &str, kind: &str, to: Option<i64>| json!({"ReferenceId": id, "Name": format!("{PREFIX}-{name}"), "Type": kind, "SummaryStatistics": statistics, "Edges": to.map(|to| vec![json!({"ReferenceId": to, "SummaryStatistics": statistics})]).unwrap_or_default()});
    json!({"Services": [service(0, "api", "AWS::ApiGateway::Stage", Some(1)), service(1, "validator", "AWS::Lambda::Function", Some(2)), service(2, "orders", "AWS::SQS::Queue", Some(3)), service(3, "processor", "AWS::Lambda::Function", None)]})
}

fn letter() -> Value {
    let text = |value: &str| json!({"DataType": "String", "StringValue": value});
    json!({"MessageId": "5f0e1a2b-0000-4000-8000-000000000001", "ReceiptHandle": "r", "Body": format!("{{\"orderId\": \"{ORDER}\", \"order\": {{\"customerEmail\": \"marked.customer@example.com\"}}}}"),
        "Attributes": {"SentTimestamp": format!("{:.0}", (now() - 3600.0) * 1000.0), "ApproximateReceiveCount": "2"},
        "MessageAttributes": {"FailureReason": text("Conflict: another order is stored under this id"), "FailureStep": text("store")}})
}

/// What Insights answers to whatever is asked: the last orders' lines.
fn rows() -> Value {
    let row = |at: &str, step: &str, outcome: &str, order: &str, class: &str| {
        let cell = |field: &str, value: &str| json!({"field": field, "value": value});
        json!([
            cell("@timestamp", at),
            cell("Service", if step == "handler" { "validator" } else { "processor" }),
            cell("step", step),
            cell("outcome", outcome),
            cell("orderId", order),
            cell("traceId", TRACE),
            cell("errorClass", class),
            cell("durationMs", "7.5")
        ])
    };
    json!([
        row("2026-11-29 10:00:02.500", "record", "fault", "7f000001-0000-4000-8000-000000000002", "ServerFault"),
        row("2026-11-29 10:00:02.000", "handler", "accepted", "7f000001-0000-4000-8000-000000000002", ""),
        row("2026-11-29 10:00:01.060", "record", "stored", ORDER, ""),
        row("2026-11-29 10:00:01.000", "handler", "accepted", ORDER, ""),
    ])
}

fn lines() -> Value {
    let line = |step: &str, service: &str, outcome: &str, class: Option<&str>| {
        let message = json!({"timestamp": "2026-11-23T09:43:23.650Z", "level": if class.is_some() { "WARN" } else { "INFO" }, "message": "work done", "Service": service, "step": step, "outcome": outcome, "durationMs": 7.1,
            "orderId": ORDER, "traceId": TRACE, "spanId": "00000000000000b1", "errorClass": class, "error": class.map(|_| "DynamoDB answered <500>")});
        json!({"timestamp": 1_795_426_903_650_i64, "message": message.to_string(), "eventId": format!("{step}{service}{outcome}"), "logStreamName": "s"})
    };
    json!([line("handler", "validator", "accepted", None), line("record", "processor", "fault", Some("ServerFault"))])
}

/// CloudWatch's answers. A number in `{"at": …}` is a moment.
fn cloudwatch(operation: &str) -> Value {
    let minutes = |count: i64| {
        (0..count)
            .map(|n| json!({"at": (now() / 60.0).floor() * 60.0 - f64::from(i32::try_from(count - n).unwrap()) * 60.0}))
            .collect::<Vec<_>>()
    };
    match operation {
        "GetMetricData" => {
            let line = |id: &str, scale: f64| json!({"Id": id, "Label": id, "StatusCode": "Complete", "Timestamps": minutes(60), "Values": (0..60).map(|n| (f64::from(n) / 9.0).sin().abs() * scale).collect::<Vec<_>>()});
            json!({"MetricDataResults": [line("accepted", 20.0), line("stored", 20.0), line("p99", 180.0), line("p50", 60.0), line("requests", 22.0), line("age", 240.0), line("m1", 240.0)]})
        }
        "DescribeAlarms" => json!({
            "MetricAlarms": [
                alarm("queue-age", "ALARM", "An order has waited longer than two minutes. Severity: none. Runbook: runbooks/queue-age.md"),
                alarm("api-5xx", "OK", "Requests fail. Severity: none. Runbook: runbooks/api-5xx.md"),
            ],
            "CompositeAlarms": [{"AlarmName": format!("{PREFIX}-processing-failing"), "AlarmArn": "arn:c", "StateValue": "ALARM", "StateReason": "queue-age is in ALARM", "AlarmRule": format!("ALARM(\"{PREFIX}-queue-age\")"),
                "AlarmDescription": "Orders are not processed. Severity: page. Runbook: runbooks/processing-failing.md", "StateTransitionedTimestamp": {"at": now() - 600.0}, "StateUpdatedTimestamp": {"at": now() - 600.0}}],
        }),
        "DescribeAlarmHistory" => {
            let change = |old: &str, new: &str, ago: f64| json!({"AlarmName": format!("{PREFIX}-queue-age"), "HistoryItemType": "StateUpdate", "Timestamp": {"at": now() - ago}, "HistoryData": json!({"oldState": {"stateValue": old}, "newState": {"stateValue": new}}).to_string()});
            json!({"AlarmHistoryItems": [change("OK", "ALARM", 2400.0), change("ALARM", "OK", 1500.0), change("OK", "ALARM", 600.0)]})
        }
        "ListDashboards" => json!({"DashboardEntries": [{"DashboardName": PREFIX}]}),
        "GetDashboard" => json!({"DashboardName": PREFIX, "DashboardBody": json!({"widgets": [
            {"type": "text", "x": 0, "y": 0, "width": 24, "height": 2, "properties": {"markdown": "# Orders\nAre they flowing? [queue-age](runbooks/queue-age.md)"}},
            {"type": "metric", "x": 0, "y": 2, "width": 12, "height": 6, "properties": {"title": "Flowing", "region": "us-east-1", "metrics": [["N", "a", {"id": "accepted", "label": "Accepted"}], ["N", "b", {"id": "stored", "label": "Stored"}]], "annotations": {"horizontal": [{"label": "enough", "value": 15}]}}},
            {"type": "log", "x": 12, "y": 2, "width": 12, "height": 6, "properties": {"title": "Latest", "region": "us-east-1", "query": "SOURCE 'g' | fields step"}},
        ]}).to_string()}),
        "ListMetrics" => json!({"Metrics": [{"Namespace": "order-processing", "MetricName": "OrdersStored"}]}),
        _ => json!({}),
    }
}

fn alarm(name: &str, state: &str, description: &str) -> Value {
    json!({"AlarmName": format!("{PREFIX}-{name}"), "AlarmArn": format!("arn:{name}"), "StateValue": state, "StateReason": "Threshold Crossed: 3 out of the last 5 datapoints", "AlarmDescription": description,
        "ComparisonOperator": "GreaterThanThreshold", "Threshold": 120.5, "EvaluationPeriods": 5, "DatapointsToAlarm": 3, "Period": 60, "Statistic": "Maximum", "Namespace": "AWS/SQS",
        "MetricName": "ApproximateAgeOfOldestMessage", "TreatMissingData": "notBreaching", "StateTransitionedTimestamp": {"at": now() - 600.0}, "StateUpdatedTimestamp": {"at": now() - 600.0}})
}

fn cbor(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    encode(value, &mut out);
    out
}

fn encode(value: &Value, out: &mut Vec<u8>) {
    let head = |major: u8, length: usize, out: &mut Vec<u8>| {
        out.push(major << 5 | 26);
        out.extend_from_slice(&u32::try_from(length).unwrap().to_be_bytes());
    };
    match value {
        Value::Null => out.push(0xf6),
        Value::Bool(value) => out.push(if *value { 0xf5 } else { 0xf4 }),
        Value::Number(number) if number.is_u64() => head(0, usize::try_from(number.as_u64().unwrap()).unwrap(), out),
        Value::Number(number) => {
            out.push(0xfb);
            out.extend_from_slice(&number.as_f64().unwrap().to_be_bytes());
        }
        Value::String(text) => {
            head(3, text.len(), out);
            out.extend_from_slice(text.as_bytes());
        }
        Value::Array(list) => {
            head(4, list.len(), out);
            list.iter().for_each(|one| encode(one, out));
        }
        Value::Object(map) => match map.get("at") {
            Some(at) if map.len() == 1 => {
                out.push(0xc1);
                encode(&json!(at.as_f64().unwrap() + 0.0), out);
            }
            _ => {
                head(5, map.len(), out);
                for (name, value) in map {
                    encode(&Value::from(name.as_str()), out);
                    encode(value, out);
                }
            }
        },
    }
}
