//! What only a waterfall writes.

use cli::{colour::Paint, time::took};

use crate::model::Outcome;

/// A time from the trace's start; a clock that runs behind gives a negative one.
pub(super) fn offset(ms: f64) -> String {
    if ms.abs() < 0.05 {
        return "+0".to_owned();
    }
    let sign = if ms < 0.0 { '-' } else { '+' };
    format!("{sign}{}", took(ms.abs()))
}

pub(super) fn outcome(paint: Paint, outcome: Outcome, text: &str) -> String {
    match outcome {
        Outcome::Ok => paint.good(text),
        Outcome::Error | Outcome::Throttle => paint.warn(text),
        Outcome::Fault => paint.bad(text),
        Outcome::InProgress => paint.running(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_has_its_sign() {
        assert_eq!([0.0, -20.0, 5.0].map(offset), ["+0", "-20ms", "+5.0ms"]);
    }
}
