//! An X-Ray trace: its waterfall, and the map of what took part.

mod map;
mod waterfall;

use ::waterfall as waterfall_model;
pub use map::{Edge, Map, Node};
pub use waterfall::{table, waterfall};
use waterfall_model::Outcome;

/// A symbol and a class: no colour is needed to read it. Throttles and errors are the caller's, faults the callee's.
fn mark(outcome: Outcome) -> (&'static str, &'static str) {
    match outcome {
        Outcome::Ok => ("✓", "ok"),
        Outcome::Error => ("!", "f1"),
        Outcome::Throttle => ("≡", "f4"),
        Outcome::Fault => ("✗", "alarm"),
        Outcome::InProgress => ("…", "unsure"),
    }
}

/// `1.2 ms`, `3.45 s`.
fn duration_text(ms: f64) -> String {
    match ms {
        ms if ms >= 60_000.0 => format!("{:.1} min", ms / 60_000.0),
        ms if ms >= 1000.0 => format!("{:.2} s", ms / 1000.0),
        ms if ms >= 10.0 => format!("{ms:.0} ms"),
        ms => format!("{ms:.1} ms"),
    }
}

#[cfg(test)]
mod tests;
