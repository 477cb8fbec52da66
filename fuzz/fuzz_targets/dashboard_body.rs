#![no_main]

use libfuzzer_sys::fuzz_target;
use views::{Answer, Body, Period, Range};

fuzz_target!(|text: &str| {
    let Ok(body) = Body::parse(text) else { return };
    for widget in &body.widgets {
        let _ = views::draw(widget, &Answer::Nothing, Range { start: 0, end: 3600 }, Period::default(), 3600);
        let _ = views::draw(widget, &Answer::Metrics(Vec::new(), None), Range { start: 0, end: 3600 }, Period::default(), 3600);
    }
});
