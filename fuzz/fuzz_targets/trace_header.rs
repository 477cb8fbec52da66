#![no_main]

use libfuzzer_sys::fuzz_target;
use trace_context::{TraceHeader, traceparent};

fuzz_target!(|text: &str| {
    for header in [TraceHeader::parse(text), traceparent::parse(text)].into_iter().flatten() {
        let written = header.to_string();
        let read = TraceHeader::parse(&written).expect("what was read can be written and read");
        assert_eq!(read.to_string(), written);
    }
});
