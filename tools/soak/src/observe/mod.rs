//! What there is in the end, from sources that don't know of each other.

pub(crate) mod alarms;
pub(crate) mod logs;
pub(crate) mod metrics;
pub(crate) mod queue;
pub(crate) mod table;
pub(crate) mod traces;

pub(crate) use alarms::Alarm;
pub(crate) use logs::Lines;
pub(crate) use metrics::Metrics;
pub(crate) use queue::Letter;
pub(crate) use table::Item;
pub(crate) use traces::{Traced, Traces};

/// All of it.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) items: Vec<Item>,
    pub(crate) letters: Vec<Letter>,
    /// In the orders queue, waiting or in flight.
    pub(crate) waiting: u64,
    pub(crate) lines: Lines,
    /// Of this run: what was there before it is taken off.
    pub(crate) metrics: Metrics,
    pub(crate) traces: Vec<Traced>,
    pub(crate) alarm: Alarm,
}
