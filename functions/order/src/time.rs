//! Order times are to the millisecond, as SQS's are.

use jiff::Timestamp;

/// Now.
#[must_use]
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}
