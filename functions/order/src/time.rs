//! Times on an order's way are to the millisecond, as SQS's are.

use std::time::Duration;

use jiff::Timestamp;

/// Now.
#[must_use]
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

/// From the one to the other; zero if the clock that told the first was ahead of the one that told the second.
#[must_use]
pub fn between(then: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(then)).unwrap_or_default()
}
