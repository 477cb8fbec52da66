#![no_main]

use libfuzzer_sys::fuzz_target;
use order::{Body, QueueMessage};

fuzz_target!(|data: &[u8]| {
    let Ok(order) = Body::parse(data).and_then(Body::validate) else { return };
    let message = QueueMessage { order_id: uuid(), accepted_at: order::now(), order };
    let encoded = message.encode().expect("an accepted order can be written");
    let decoded = QueueMessage::decode(&encoded).expect("what the validator sends the processor reads");
    assert_eq!(decoded.order.payload_hash(), message.order.payload_hash());
    assert_eq!(decoded, message);
});

fn uuid() -> uuid::Uuid {
    uuid::Uuid::from_u128(7)
}
