//! Order times are to the millisecond, as SQS's are.

use std::time::Duration;

use jiff::Timestamp;

/// Now.
#[must_use]
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

/// How long ago that was; zero if the clock that told it was ahead of this one.
#[must_use]
pub fn since(then: Timestamp) -> Duration {
    Duration::try_from(Timestamp::now().duration_since(then)).unwrap_or_default()
}
