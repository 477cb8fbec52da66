#![no_main]

use insights::{Event, Pattern, Query, Window};
use libfuzzer_sys::fuzz_target;

const LINES: [&str; 3] = [
    r#"{"level":"INFO","step":"handler","durationMs":7.41,"steps":[{"name":"parse","ms":0.013}],"orderId":"a"}"#,
    "START RequestId: 8476a536-e9f4-11e8-9739-2dfe598c3fcd Version: $LATEST",
    "",
];

fuzz_target!(|text: &str| {
    if let Ok(query) = text.parse::<Query>() {
        let events = LINES.iter().enumerate().map(|(n, message)| Event {
            timestamp: n as i64 * 60_000,
            ingestion_time: n as i64 * 60_000,
            message,
            stream: "s",
            log: "1:g",
            pointer: "p",
        });
        let _ = query.run(events, Window { start: 0, end: 600_000, now: 600_000 }, Some(10));
    }
    if let Ok(pattern) = text.parse::<Pattern>() {
        for line in LINES {
            let _ = pattern.matches(line);
        }
    }
});
