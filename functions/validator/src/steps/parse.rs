//! Is the body one JSON object that can fit into a message?

use aws_lambda_events::http::StatusCode;
use order::Body;

use crate::response::Refusal;

pub(crate) const STEP: &str = "parse";

pub(crate) fn run(bytes: &[u8], max_bytes: u64) -> Result<Body<'_>, Refusal> {
    if bytes.len() as u64 > max_bytes {
        return Err(too_large(STEP, bytes.len(), max_bytes));
    }
    Body::parse(bytes).map_err(|rejection| Refusal::invalid(STEP, &rejection))
}

pub(crate) fn too_large(step: &'static str, bytes: usize, max_bytes: u64) -> Refusal {
    Refusal::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        step,
        format!("Order is too large: {bytes} bytes, and at most {max_bytes} fit into a message"),
    )
}
