#![no_main]

use libfuzzer_sys::fuzz_target;
use order::IdempotencyKey;

fuzz_target!(|data: &[u8]| {
    let values: Vec<&[u8]> = data.split(|byte| *byte == b'\n').collect();
    let Ok(Some(key)) = IdempotencyKey::read(values, Some("caller")) else { return };
    let quoted = format!("\"{}\"", key.as_str().replace('\\', "\\\\").replace('"', "\\\""));
    let again = IdempotencyKey::read([quoted.as_bytes()], Some("caller")).expect("quoted, it is a key too");
    assert_eq!(again, Some(key));
});
