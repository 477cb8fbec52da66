//! A whole process as Lambda runs it: `init`, the runtime's loop, stdout, and an X-Ray daemon.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream, UdpSocket},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    time::Duration,
};

use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use telemetry::{Config, ErrorClass, Step, testing::SAMPLED};

const PATIENCE: Duration = Duration::from_secs(30);

struct Broken;

impl ErrorClass for Broken {
    fn class(&self) -> &'static str {
        "Broken"
    }
}

/// Not a test of its own: the function that the other tests start as a process.
#[test]
#[ignore = "started as a child process by the other tests"]
fn function() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let telemetry = telemetry::init(Config::from_env().unwrap().correlation_key("orderId")).unwrap();
        assert!(telemetry::init(Config::from_env().unwrap()).is_err(), "once");
        let handler = service_fn(|event: LambdaEvent<Value>| async move {
            if event.payload["panic"] == true {
                panic!("{}", event.payload["mail"]);
            }
            let failing = event.payload["fail"] == true;
            let result = Step::new("parse").run(async { if failing { Err(Broken) } else { Ok(()) } }).await;
            result.map(|()| event.payload["mail"].clone()).map_err(|_| format!("no {}", event.payload["mail"]))
        });
        telemetry.run(handler).await.unwrap();
    });
}

/// A Runtime API that hands out the given events and tells what is posted.
fn runtime_api(events: Vec<Value>) -> (String, Receiver<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (send, posted) = channel();
    std::thread::spawn(move || {
        let mut events = events.into_iter();
        for connection in listener.incoming().flatten() {
            serve(connection, &mut events, &send);
        }
    });
    (address, posted)
}

fn serve(
    connection: TcpStream,
    events: &mut impl Iterator<Item = Value>,
    posted: &std::sync::mpsc::Sender<(String, String)>,
) {
    let mut reader = BufReader::new(connection.try_clone().unwrap());
    let mut writer = connection;
    loop {
        let mut request = String::new();
        if reader.read_line(&mut request).unwrap_or(0) == 0 {
            return;
        }
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).unwrap();
            if header.trim().is_empty() {
                break;
            }
            if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let answer = if request.starts_with("GET") {
            let Some(event) = events.next() else {
                // Nothing to do: Lambda would freeze the process here.
                return std::thread::sleep(PATIENCE);
            };
            let body = event.to_string();
            format!(
                "HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n\
                 lambda-runtime-deadline-ms: 99999999999999\r\nlambda-runtime-invoked-function-arn: arn:aws:lambda:us-east-1:1:function:f\r\n\
                 lambda-runtime-trace-id: {SAMPLED}\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            )
        } else {
            posted.send((request, String::from_utf8_lossy(&body).into_owned())).unwrap();
            "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n".to_owned()
        };
        writer.write_all(answer.as_bytes()).unwrap();
    }
}

/// Ends the child whatever becomes of the test.
struct Function(Child);

impl Drop for Function {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs the events through a process; its lines up to the last invocation's own, and what it posted.
fn run(events: Vec<Value>) -> (Vec<Value>, Vec<(String, String)>, UdpSocket) {
    let daemon = UdpSocket::bind("127.0.0.1:0").unwrap();
    daemon.set_read_timeout(Some(PATIENCE)).unwrap();
    let count = events.len();
    let (address, posted) = runtime_api(events);
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["process::function", "--exact", "--ignored", "--nocapture"])
        .env_clear()
        .envs([
            ("AWS_LAMBDA_RUNTIME_API", address.as_str()),
            ("AWS_LAMBDA_FUNCTION_NAME", "f"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
            ("AWS_XRAY_DAEMON_ADDRESS", &format!("tcp:127.0.0.1:1 udp:{}", daemon.local_addr().unwrap())),
            ("PROJECT_NAME", "shop"),
            ("SERVICE_NAME", "validator"),
            ("ENVIRONMENT", "test"),
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut function = Function(child);
    let stdout = BufReader::new(function.0.stdout.take().unwrap());
    let (mut lines, mut invocations) = (Vec::new(), 0);
    for line in stdout.lines() {
        let line = line.unwrap();
        // The test harness around the child writes lines of its own.
        let Ok(line) = serde_json::from_str::<Value>(line.trim_start_matches("test process::function ... ")) else {
            continue;
        };
        invocations += usize::from(line["step"] == "handler" && line.get("_aws").is_some());
        lines.push(line);
        if invocations == count {
            break;
        }
    }
    let posted = (0..count).map(|_| posted.recv_timeout(PATIENCE).unwrap()).collect();
    (lines, posted, daemon)
}

#[test]
fn a_process_answers_and_its_telemetry_reaches_stdout_and_daemon() {
    let (lines, posted, daemon) = run(vec![serde_json::json!({"mail": "lovelace@example.com"})]);
    assert!(posted[0].0.contains("/response"), "{posted:?}");
    let step = lines.iter().find(|line| line["step"] == "parse").unwrap();
    assert_eq!(step["traceId"], "1-5759e988-bd862e3fe1be46a994272793");
    let own = lines.iter().find(|line| line["step"] == "handler").unwrap();
    assert_eq!((own.get("TelemetryDropped"), &own["ColdStart"]), (None, &1.into()));
    assert_eq!(own["_aws"]["CloudWatchMetrics"][0]["Namespace"], "shop");
    let mut buffer = [0; 65_536];
    let length = daemon.recv(&mut buffer).unwrap();
    let (_, document) = std::str::from_utf8(&buffer[..length]).unwrap().split_once('\n').unwrap();
    let document: Value = serde_json::from_str(document).unwrap();
    assert_eq!(document["trace_id"], "1-5759e988-bd862e3fe1be46a994272793");
    assert_eq!(document["subsegments"][0]["name"], "parse");
}

#[test]
fn failures_and_panics_are_told_without_their_text() {
    let mail = "lovelace@example.com";
    let (lines, posted, _daemon) = run(vec![
        serde_json::json!({"mail": mail, "fail": true}),
        serde_json::json!({"mail": mail, "panic": true}),
        serde_json::json!({"mail": mail}),
    ]);
    assert!(posted[0].0.contains("/error") && posted[1].0.contains("/error") && posted[2].0.contains("/response"));
    let handlers: Vec<_> = lines
        .iter()
        .filter(|line| line["step"] == "handler" && line["outcome"].is_string())
        .map(|line| (line["outcome"].as_str().unwrap(), line["errorClass"].as_str()))
        .collect();
    assert_eq!(handlers, [("fault", Some("HandlerError")), ("fault", Some("Panic")), ("ok", None)]);
    let panic = lines.iter().find(|line| line["message"] == "panic").unwrap();
    assert!(panic["location"].as_str().unwrap().contains("process.rs:"));
    for line in &lines {
        assert!(!line.to_string().contains("lovelace"), "{line}");
    }
    // What Lambda itself is told, and would keep and show.
    let told = &posted[1].1;
    assert!(
        told.contains("Lambda panicked: at ") && told.contains("process.rs:") && !told.contains("lovelace"),
        "{told}"
    );
}
