//! A page begins before its data is there, and asks for nothing twice.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    sync::atomic::Ordering,
    time::Duration,
};

use crate::{console, running::Console, standin::StandIn};

fn ask(console: &Console, path: &str) -> BufReader<TcpStream> {
    let mut stream = TcpStream::connect(("127.0.0.1", console.port())).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let (port, token) = (console.port(), console.token());
    let request = format!(
        "GET {path} HTTP/1.1\r\nconnection: close\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    BufReader::new(stream)
}

#[test]
fn a_page_s_frame_comes_while_its_data_is_still_asked_for() {
    let stand_in = StandIn::start();
    let console = console(&stand_in);
    for (path, frame, data) in [
        ("/", "aria-label=\"Pages\"", "now-verdict"),
        ("/dashboards/order-processing-local", "id=\"dashboard\"", "Copy"),
    ] {
        stand_in.asked.hold.store(true, Ordering::Relaxed);
        let mut answer = ask(&console, path);
        let mut begun = String::new();
        while !begun.contains(frame) {
            assert!(answer.read_line(&mut begun).unwrap() > 0 || begun.contains(frame), "{path}: {begun}");
        }
        assert!(begun.starts_with("HTTP/1.1 200") && !begun.contains(data), "{path}: {begun}");
        stand_in.asked.hold.store(false, Ordering::Relaxed);
        let mut rest = String::new();
        answer.read_to_string(&mut rest).unwrap();
        assert!(rest.contains(data) && rest.contains("</html>"), "{path}: {rest}");
    }
}

#[test]
fn nothing_is_asked_twice_for_one_page() {
    let stand_in = StandIn::start();
    let console = console(&stand_in);
    // The environment itself is known from then on.
    ask(&console, "/health").read_to_string(&mut String::new()).unwrap();
    let calls = |path: &str| {
        stand_in.asked.operations.lock().unwrap().clear();
        ask(&console, path).read_to_string(&mut String::new()).unwrap();
        let calls = stand_in.asked.operations.lock().unwrap().clone();
        move |name: &str| calls.iter().filter(|call| *call == name).count()
    };
    let now = calls("/");
    for (call, count) in [
        ("GetMetricData", 1),
        ("DescribeAlarms", 1),
        ("GetQueueAttributes", 2),
        ("StartQuery", 1),
        ("GetQueryResults", 1),
    ] {
        assert_eq!(now(call), count, "{call}");
    }
    let dashboard = calls("/dashboards/order-processing-local");
    for (call, most) in [("ListDashboards", 1), ("GetDashboard", 1), ("DescribeAlarms", 1)] {
        assert!(dashboard(call) <= most, "{call}: {}", dashboard(call));
    }
    assert_eq!(dashboard("GetDashboard"), 1);
}
