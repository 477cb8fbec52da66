#![no_main]

use libfuzzer_sys::fuzz_target;
use runbooks::{Page, links, matches};

fuzz_target!(|text: &str| {
    let _ = Page::parse("page", text);
    let _ = links(text, 1);
    assert_eq!(matches(text, text), Ok(()), "an output is what it expects of itself");
});
