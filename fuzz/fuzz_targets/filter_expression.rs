#![no_main]

use libfuzzer_sys::fuzz_target;
use xray::filter::{Filter, NoGroups};

fuzz_target!(|text: &str| {
    let _ = Filter::new(text, &NoGroups);
});
