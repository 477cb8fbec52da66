//! The way to the X-Ray daemon, which may be absent, full or slow.

use std::{convert::Infallible, net::UdpSocket, sync::mpsc, time::Duration};

use telemetry::{
    Step,
    testing::{Captured, Harness, SAMPLED},
};

use super::common::{assert_conform, config};

/// Runs some steps whose documents go to this address.
async fn steps_through(daemon: String, steps: usize) -> Captured {
    let mut config = config("validator");
    config.daemon_address = daemon;
    let harness = Harness::with_socket(config).unwrap();
    let handler = async {
        for _ in 0..steps {
            Step::new("parse").run_sync(|| Ok::<_, Infallible>(()))?;
        }
        // Whatever the daemon is like, its socket has not been touched when the handler is done.
        assert_eq!(harness.captured().raw, "");
        Ok::<_, Infallible>(())
    };
    harness.invoke(Some(SAMPLED), handler).await.1
}

#[tokio::test]
async fn a_units_steps_go_out_in_one_datagram() {
    let daemon = UdpSocket::bind("127.0.0.1:0").unwrap();
    daemon.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let address = daemon.local_addr().unwrap();
    let captured = steps_through(format!("tcp:127.0.0.1:1 udp:{address}"), 2).await;
    assert_eq!(captured.metric("TelemetryDropped"), [0.0; 0]);
    let mut buffer = [0; 65_536];
    let length = daemon.recv(&mut buffer).unwrap();
    let text = std::str::from_utf8(&buffer[..length]).unwrap();
    let (header, document) = text.split_once('\n').unwrap();
    assert_eq!(header, r#"{"format": "json", "version": 1}"#);
    let document: serde_json::Value = serde_json::from_str(document).unwrap();
    assert_eq!(document["subsegments"].as_array().unwrap().len(), 2);
    assert_conform(&[document]);
    daemon.set_nonblocking(true).unwrap();
    assert!(daemon.recv(&mut buffer).is_err(), "one");
}

#[tokio::test]
async fn what_does_not_fit_into_one_datagram_is_sent_beside_it() {
    let (_, captured) = super::common::harness("validator")
        .invoke(Some(SAMPLED), async {
            for _ in 0..450 {
                Step::new("parse").run_sync(|| Ok::<_, Infallible>(()))?;
            }
            Ok::<_, Infallible>(())
        })
        .await;
    assert_conform(&captured.documents);
    assert!(captured.documents.len() > 1 && captured.documents[0]["subsegments"].as_array().unwrap().len() > 100);
    let parsed: Vec<_> = captured.segments.iter().filter(|document| document["name"] == "parse").collect();
    assert_eq!(parsed.len(), 450, "none twice, none lost");
    assert!(parsed.iter().all(|document| document["parent_id"] == captured.documents[0]["id"]));
    assert_eq!(captured.metric("TelemetryDropped"), [0.0; 0]);
}

#[tokio::test]
async fn an_absent_daemon_is_counted_not_waited_for() {
    // Bound and closed again: a port nobody listens on.
    let address = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    // Some documents, because they don't fit into one.
    let captured = steps_through(address.to_string(), 1000).await;
    // Each document but perhaps the last is refused by the time the next is sent.
    assert!(captured.metric("TelemetryDropped")[0] >= 4.0, "{:?}", captured.metric("TelemetryDropped"));
    assert!(captured.logs.iter().any(|line| line["message"] == "telemetry was lost" && line["socket"].is_number()));
    assert_eq!(captured.step("handler").unwrap()["outcome"], "ok");
}

#[tokio::test]
async fn an_unusable_address_is_counted() {
    for address in ["no such host.invalid:2000", "tcp:127.0.0.1:2000", ""] {
        let captured = steps_through(address.to_owned(), 2).await;
        assert_eq!(captured.metric("TelemetryDropped"), [1.0], "{address}");
    }
}

#[tokio::test]
async fn a_daemon_that_does_not_read_holds_nobody_up() {
    let full = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = full.local_addr().unwrap();
    // A kernel drops what a full receiver cannot take; the sender neither waits nor learns of it.
    let sending = tokio::time::timeout(Duration::from_secs(30), steps_through(address.to_string(), 450));
    let captured = sending.await.expect("the socket must not be waited for");
    assert_eq!(captured.step("handler").unwrap()["outcome"], "ok");
    assert_eq!(captured.logs.iter().filter(|line| line["step"] == "parse").count(), 450);
}

#[tokio::test]
async fn a_slow_daemon_holds_nobody_up() {
    let slow = UdpSocket::bind("127.0.0.1:0").unwrap();
    let address = slow.local_addr().unwrap();
    slow.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let (over, is_over) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut buffer = [0; 65_536];
        slow.recv(&mut buffer).unwrap();
        // So slow that the others wait until the invocation is over.
        is_over.recv().unwrap();
        for _ in 0..2 {
            slow.recv(&mut buffer).unwrap();
        }
    });
    // Three datagrams and more.
    let sending = tokio::time::timeout(Duration::from_secs(30), steps_through(address.to_string(), 450));
    let captured = sending.await.expect("the invocation must not wait for the reader");
    over.send(()).unwrap();
    assert_eq!(captured.metric("TelemetryDropped"), [0.0; 0]);
    reader.join().unwrap();
}
