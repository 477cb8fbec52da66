//! Nobody but the stack's own users gets in: the requests that a page, a foreign name or a guessed key would send.

mod browser;
mod signing;

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, UdpSocket},
    os::unix::fs::PermissionsExt as _,
    time::Duration,
};

use self::signing::{Key, presigned};
use crate::{
    common::{ORDER, Stack, wait_for},
    raw::send,
};

fn port(stack: &Stack) -> u16 {
    u16::try_from(stack.state_file()["port"].as_u64().unwrap()).unwrap()
}

fn own_key(stack: &Stack) -> Key {
    let credentials = &stack.state_file()["credentials"];
    let text = |name: &str| credentials[name].as_str().unwrap().to_owned();
    Key { id: text("access_key"), secret: text("secret_key") }
}

fn guessed() -> Key {
    Key { id: "test".into(), secret: "test".into() }
}

const FUNCTION: &str = r#"{"FunctionName":"page","Runtime":"provided.al2023","Role":"arn:aws:iam::000000000000:role/r","Handler":"bootstrap","Code":{"ZipFile":""}}"#;

#[tokio::test]
async fn a_page_can_not_run_code_read_data_or_reset_the_stack() {
    let stack = Stack::up().await;
    let port = port(&stack);
    let plain = ("content-type", "text/plain");
    let page = ("origin", "http://evil.example");
    let functions = "/2015-03-31/functions";

    // What needs no preflight: the signature in the query, text/plain. A guessed key, and the stack's own from a page.
    for (key, headers, code) in [
        (guessed(), &[plain][..], "UnrecognizedClientException"),
        (Key { id: own_key(&stack).id, secret: "test".into() }, &[plain], "SignatureDoesNotMatch"),
        (Key { id: "000000000000".into(), secret: "test".into() }, &[plain], "UnrecognizedClientException"),
        (own_key(&stack), &[plain, page], "ForeignOrigin"),
        (own_key(&stack), &[plain, ("origin", "null")], "ForeignOrigin"),
        (own_key(&stack), &[plain, ("sec-fetch-site", "cross-site")], "ForeignOrigin"),
        (own_key(&stack), &[plain, ("host", "evil.example")], "MisdirectedRequest"),
    ] {
        for (target, body) in [
            (functions.to_owned(), FUNCTION),
            (format!("{functions}/order-processing-local-validator/invocations"), "{}"),
        ] {
            let signed = presigned("POST", port, &target, "lambda", &key, body);
            let answer = send(port, "POST", &signed, headers, body);
            assert!(answer.body.contains(code), "{target} {headers:?}: {} {}", answer.status, answer.body);
            assert!(matches!(answer.status, 403 | 421), "{}", answer.status);
        }
    }
    // The same with the stack's key and from no page is a user's own call.
    let listed = send(port, "GET", &presigned("GET", port, functions, "lambda", &own_key(&stack), ""), &[], "");
    assert_eq!(listed.status, 200, "{}", listed.body);
    assert!(!listed.body.contains("\"page\"") && !listed.head.contains("access-control-"), "{}", listed.head);

    // The emulator's own paths, however they are written, signed or not.
    for path in [
        "/_ministack/reset",
        "/%5fministack/reset",
        "//_ministack/reset",
        "/_localstack/health",
        "/_MINISTACK/config",
        "/_suite/secrets/x",
    ] {
        for target in [path.to_owned(), presigned("POST", port, path, "s3", &own_key(&stack), "")] {
            let answer = send(port, "POST", &target, &[plain], "");
            assert!(matches!(answer.status, 403 | 404), "{target}: {} {}", answer.status, answer.body);
        }
    }

    // A preflight learns nothing, from anywhere.
    for headers in [&[page, ("access-control-request-method", "POST")][..], &[]] {
        for target in ["/", functions, "/_local/faults"] {
            let answer = send(port, "OPTIONS", target, headers, "");
            assert!(answer.status >= 400 && !answer.head.contains("access-control-"), "{target}: {}", answer.head);
        }
    }

    // Customers' data, unsigned.
    let scan = [("x-amz-target", "DynamoDB_20120810.Scan"), ("content-type", "application/x-amz-json-1.0")];
    let answer = send(port, "POST", "/", &scan, r#"{"TableName":"order-processing-local-orders"}"#);
    assert_eq!((answer.status, answer.body.contains("ada@")), (403, false), "{}", answer.body);
    // An error in the form that the caller's protocol has.
    let query = [("content-type", "application/x-www-form-urlencoded")];
    let answer = send(port, "POST", "/", &query, "Action=ListTopics");
    assert!(answer.status == 403 && answer.body.contains("<Code>MissingAuthenticationToken</Code>"), "{}", answer.body);

    // All is as it was.
    let answer = stack.post(ORDER);
    stack.stored(answer.body["orderId"].as_str().unwrap()).await;
}

#[tokio::test]
async fn the_stack_s_own_switches_need_its_name_and_its_secret() {
    let stack = Stack::up().await;
    let (port, json) = (port(&stack), ("content-type", "application/json"));
    let fault = r#"{"service":"sqs","operation":null,"effect":"error","times":null,"delay_ms":0}"#;
    let secret = own_key(&stack).secret;
    let own = ("x-suite-secret", secret.as_str());
    for headers in [
        &[json][..],
        &[json, ("x-suite-secret", "test")],
        &[json, own, ("host", "evil.example:4566")],
        &[json, own, ("origin", "http://evil.example")],
    ] {
        let answer = send(port, "POST", "/_local/faults", headers, fault);
        assert!(matches!(answer.status, 403 | 421), "{headers:?}: {} {}", answer.status, answer.body);
    }
    assert_eq!(send(port, "GET", "/_local/health", &[("host", "evil.example")], "").status, 421);
    assert_eq!(stack.post(ORDER).status, 202, "no fault is set");
    // Beyond the bounds, also from whoever may.
    for (bad, says) in [
        (fault.replace("\"times\":null", "\"times\":0"), "at least 1"),
        (fault.replace("\"delay_ms\":0", "\"delay_ms\":18446744073709551615"), "900000"),
    ] {
        let answer = send(port, "POST", "/_local/faults", &[json, own], &bad);
        assert!(answer.status == 400 && answer.body.contains(says), "{}", answer.body);
    }
}

#[tokio::test]
async fn nothing_of_the_stack_lies_open_on_disk_or_on_a_port() {
    let stack = Stack::up().await;
    let mode = |name: &str| fs::metadata(stack.dir().join(name)).unwrap().permissions().mode() & 0o777;
    for (name, expected) in [("env", 0o600), ("outputs.json", 0o600), ("stack.json", 0o600), ("tmp", 0o700)] {
        assert_eq!(mode(name), expected, "{name}");
    }
    assert_eq!(mode("tmp/emulator.sock"), 0o600);

    // What else listens is the functions' Runtime API, which a page gets nothing from.
    let file = stack.state_file();
    let ports = listening(file["id"].as_str().unwrap());
    assert!(ports.contains(&port(&stack)) && ports.len() >= 3, "{ports:?}");
    for port in ports.into_iter().filter(|listening| *listening != port(&stack)) {
        for headers in
            [&[("origin", "http://evil.example")][..], &[("sec-fetch-site", "cross-site")], &[("host", "evil.example")]]
        {
            for (method, target) in
                [("GET", "/2018-06-01/runtime/invocation/next"), ("POST", "/2018-06-01/runtime/init/error")]
            {
                let answer = send(port, method, target, headers, "");
                assert_eq!(answer.status, 403, "{port} {method} {target} {headers:?}");
            }
        }
    }

    // The receiver of segments: what a page can make a browser send by UDP is no segment.
    let daemon = file["xray_daemon"].as_str().unwrap();
    let stun = [0u8, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    UdpSocket::bind("127.0.0.1:0").unwrap().send_to(&stun, daemon).unwrap();
    wait_for("the datagram to be refused", async || {
        let health: serde_json::Value =
            serde_json::from_str(&send(port(&stack), "GET", "/_local/health", &[], "").body).ok()?;
        (health["traces"]["malformed_datagrams"].as_u64()? > 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_emulator_calls_nobody_beyond_this_machine() {
    let stack = Stack::up().await;
    let sns = aws_sdk_sns::Client::new(&stack.sdk);
    let topic = sns.create_topic().name("calls").send().await.unwrap().topic_arn.unwrap();
    for endpoint in ["http://192.0.2.1/hook", "http://evil.example/hook", "http://[2001:db8::1]/hook"] {
        sns.subscribe().topic_arn(&topic).protocol("http").endpoint(endpoint).send().await.unwrap();
    }
    let refused = |what: &str| {
        let log = fs::read_to_string(stack.dir().join("emulator.log")).unwrap();
        log.contains(&format!("refused: a call to '{what}'"))
    };
    for host in ["192.0.2.1", "evil.example", "2001:db8::1"] {
        wait_for(&format!("the call to {host} to be refused"), async || refused(host).then_some(())).await;
    }
    // To this machine it calls: a user's own listener gets the confirmation.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}/hook", listener.local_addr().unwrap());
    let called = tokio::task::spawn_blocking(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut buffer = [0; 2048];
        let read = stream.read(&mut buffer).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
        String::from_utf8_lossy(&buffer[..read]).into_owned()
    });
    sns.subscribe().topic_arn(&topic).protocol("http").endpoint(endpoint).send().await.unwrap();
    let request = tokio::time::timeout(Duration::from_secs(20), called).await.unwrap().unwrap();
    assert!(request.starts_with("POST /hook"), "{request}");
}

/// Ports that processes with the stack's mark listen on.
fn listening(id: &str) -> Vec<u16> {
    let mut inodes = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let process = entry.path();
        let environment = fs::read(process.join("environ")).unwrap_or_default();
        let mark = format!("SUITE_STACK_ID={id}");
        if !environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes()) {
            continue;
        }
        for descriptor in fs::read_dir(process.join("fd")).into_iter().flatten().flatten() {
            let target = fs::read_link(descriptor.path()).unwrap_or_default();
            let target = target.to_string_lossy();
            inodes.extend(target.strip_prefix("socket:[").and_then(|rest| rest.strip_suffix(']')).map(str::to_owned));
        }
    }
    let mut ports = Vec::new();
    for line in fs::read_to_string("/proc/net/tcp").unwrap().lines().skip(1) {
        let fields: Vec<_> = line.split_whitespace().collect();
        if fields[3] == "0A" && inodes.iter().any(|inode| inode == fields[9]) {
            assert!(fields[1].starts_with("0100007F:"), "on loopback only: {line}");
            ports.push(u16::from_str_radix(fields[1].split(':').nth(1).unwrap(), 16).unwrap());
        }
    }
    ports.sort_unstable();
    ports.dedup();
    ports
}
