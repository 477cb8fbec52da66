//! Is the body one JSON object?

use order::Body;
use telemetry::Step;

use crate::response::{Reason, Refusal};

/// `encoded` is what the client says of an encoding that nobody has undone: API Gateway undoes gzip and deflate.
pub(crate) fn run(bytes: &[u8], encoded: bool) -> Result<Body<'_>, Refusal> {
    Step::new("parse").field("bytes", bytes.len() as u64).run_sync(|| match Body::parse(bytes) {
        Err(_) if encoded => Err(Refusal::new(Reason::UnsupportedEncoding, ENCODED)),
        parsed => Ok(parsed?),
    })
}

const ENCODED: &str = "Request body can't be read with its Content-Encoding: send a JSON object as it is, or compressed with \
    gzip or deflate";
