#![no_main]

use libfuzzer_sys::fuzz_target;
use order::QueueMessage;

fuzz_target!(|text: &str| {
    if let Ok(message) = QueueMessage::decode(text) {
        let encoded = message.encode().expect("what was read can be written");
        assert_eq!(QueueMessage::decode(&encoded).expect("and read again"), message);
    }
});
