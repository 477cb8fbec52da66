//! Is the body one JSON object that can fit into a message?

use order::Body;
use telemetry::Step;

use crate::response::{Reason, Refusal};

pub(crate) fn run(bytes: &[u8], max_bytes: u64) -> Result<Body<'_>, Refusal> {
    Step::new("parse").field("bytes", bytes.len() as u64).run_sync(|| {
        if bytes.len() as u64 > max_bytes {
            return Err(too_large(bytes.len(), max_bytes));
        }
        Ok(Body::parse(bytes)?)
    })
}

pub(crate) fn too_large(bytes: usize, max_bytes: u64) -> Refusal {
    let message = format!("Order is too large: {bytes} bytes, and at most {max_bytes} fit into a message");
    Refusal::new(Reason::TooLarge, message)
}
