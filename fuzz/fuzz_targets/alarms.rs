#![no_main]

use alarms_cli::backtest::Recording;
use alarms_cli::scenario::{Baseline, File};
use alarms_cli::sources::{self, Found, Given, Input};
use libfuzzer_sys::fuzz_target;

// The first byte says who reads the rest: a file with alarms in any form and encoding, scenarios, a recording, a baseline.
fuzz_target!(|data: &[u8]| {
    let [which, bytes @ ..] = data else { return };
    let mut found = Found::default();
    let text = std::str::from_utf8(bytes);
    match (which % 4, text) {
        (0, _) => {
            let input = Input { name: "f".into(), bytes: bytes.to_vec(), is_named: true };
            let _ = sources::read(&input, &Given::default(), &mut found);
            found.settle();
        }
        (1, Ok(text)) => {
            let Ok(file) = File::parse("f", text) else { return };
            for group in &alarms().groups {
                let _ = file.scenarios(group);
            }
        }
        (2, Ok(text)) => {
            for alarm in alarms().groups.iter().flat_map(|group| &group.catalogue.metric_alarms) {
                let _ = Recording::read(text, alarm);
            }
        }
        (3, Ok(text)) => drop(Baseline::read(text)),
        _ => {}
    }
});

/// What scenarios and recordings are about.
fn alarms() -> Found {
    let bytes = include_bytes!("../seeds/alarms/catalogue").get(1..).unwrap_or_default().to_vec();
    let mut found = Found::default();
    let input = Input { name: "catalogue".into(), bytes, is_named: true };
    let _ = sources::read(&input, &Given::default(), &mut found);
    found
}
