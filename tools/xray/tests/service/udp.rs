//! The daemon's UDP side, over a real socket.

use std::time::Duration;

use tokio::net::UdpSocket;
use xray::{Store, udp};

use crate::common::{config, segment, service, trace_id};

pub(crate) const HEADER: &str = "{\"format\":\"json\",\"version\":1}\n";

pub(crate) async fn receiver(store: &Store) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(udp::serve(socket, store.clone()));
    let sender = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    sender.connect(address).await.unwrap();
    sender
}

/// Waits until the store says so; UDP has no answer to wait for.
pub(crate) async fn until(store: &Store, holds: impl Fn(&Store) -> bool) {
    for _ in 0..1000 {
        if holds(store) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not within 10 s: {:?}", store.stats());
}

#[tokio::test]
async fn datagrams_become_traces_that_clients_can_read() {
    let service = service(config()).await;
    let sender = receiver(&service.store).await;
    sender.send(format!("{HEADER}{}", segment(1, 1, 0.0)).as_bytes()).await.unwrap();
    until(&service.store, |store| store.stats().stored == 1).await;
    let answer = service.client.batch_get_traces().trace_ids(trace_id(1)).send().await.unwrap();
    assert_eq!(answer.traces().len(), 1);
}

#[tokio::test]
async fn bad_datagrams_are_counted_and_the_next_good_one_is_taken() {
    let store = Store::new(config());
    let sender = receiver(&store).await;
    let bad: [&[u8]; 6] = [
        b"",
        b"\xff\xfe",
        b"no header",
        b"{\"format\":\"json\",\"version\":9}\n{}",
        b"{\"format\":\"json\",\"version\":1}\n{}",
        b"{\"format\":\"json\",\"version\":1}\n",
    ];
    for datagram in bad {
        sender.send(datagram).await.unwrap();
    }
    sender.send(format!("{HEADER}{}", segment(1, 1, 0.0)).as_bytes()).await.unwrap();
    until(&store, |store| store.stats().stored == 1).await;
    let stats = store.stats();
    assert_eq!((stats.rejected, stats.malformed_datagrams, stats.received), (6, 4, 3));
    assert_eq!(store.rejections().last().map(|r| r.code), Some("ParseError"));
}

#[tokio::test]
async fn refusals_are_told_by_reason() {
    let store = Store::new(config());
    let sender = receiver(&store).await;
    let mut named = segment(1, 1, 0.0);
    named["name"] = "a[b".into();
    for document in [&named, &named, &serde_json::json!({"id": "1"})] {
        sender.send(format!("{HEADER}{document}").as_bytes()).await.unwrap();
    }
    until(&store, |store| store.stats().rejected == 3).await;
    let refused = store.refused();
    let told: Vec<_> = refused.iter().map(|refused| (refused.code.as_str(), refused.count)).collect();
    assert_eq!(told, [("InvalidName", 2), ("MissingTraceId", 1)]);
    assert!(refused[0].latest.contains("contains '['"), "{refused:?}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_the_kernel_drops_is_counted() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    assert_eq!(udp::kernel_drops(address), Some(0));
    let sender = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    // Nobody takes them: the socket's buffer is full soon.
    for _ in 0..2000 {
        sender.send_to(&[0; 4096], address).await.unwrap();
    }
    assert!(udp::kernel_drops(address).is_some_and(|drops| drops > 1000), "{:?}", udp::kernel_drops(address));
    drop(socket);
    assert_eq!(udp::kernel_drops(address), None);
}

#[tokio::test]
async fn the_largest_datagram_arrives_whole() {
    let store = Store::new(config());
    let sender = receiver(&store).await;
    let mut document = segment(1, 1, 0.0);
    let room = 65_507 - HEADER.len() - document.to_string().len() - "\"metadata\":{\"x\":\"\"},".len();
    document["metadata"] = serde_json::json!({"x": "y".repeat(room)});
    let datagram = format!("{HEADER}{document}");
    assert_eq!(datagram.len(), 65_507);
    sender.send(datagram.as_bytes()).await.unwrap();
    until(&store, |store| store.stats().stored == 1).await;
}

#[tokio::test]
async fn a_socket_that_others_can_reach_is_refused() {
    let socket = UdpSocket::bind("0.0.0.0:0").await.unwrap();
    let error = udp::serve(socket, Store::new(config())).await.unwrap_err();
    assert!(error.to_string().contains("loopback"), "{error}");
}
