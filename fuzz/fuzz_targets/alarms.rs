#![no_main]

use alarms::{Catalogue, scenario};
use libfuzzer_sys::fuzz_target;
use suite::Placeholders;

fuzz_target!(|data: &[u8]| {
    let [which, text @ ..] = data else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    match which % 3 {
        0 => drop(Catalogue::from_yaml(text, &Placeholders::none())),
        1 => drop(Catalogue::from_plan(text)),
        _ => drop(scenario::read(text, &Placeholders::none())),
    }
});
