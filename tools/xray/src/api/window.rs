//! Time ranges, and which traces are in them.

use aws_wire::ApiError;
use serde::Deserialize;

use super::error;
use crate::trace::Trace;

/// Which time of a trace a range is about.
#[derive(Deserialize, Clone, Copy, Default, PartialEq)]
pub(super) enum TimeRangeType {
    #[default]
    TraceId,
    Event,
    Service,
}

/// A half-open range of epoch seconds.
#[derive(Clone, Copy)]
pub(super) struct Window {
    start: f64,
    end: f64,
}

impl Window {
    pub(super) fn new(start: f64, end: f64, longest: f64, too_long: &str) -> Result<Self, ApiError> {
        if start > end {
            return Err(error::invalid("StartTime must be before EndTime"));
        }
        if end - start > longest {
            return Err(error::invalid(too_long));
        }
        Ok(Self { start, end })
    }

    fn has(self, time: f64) -> bool {
        self.start <= time && time < self.end
    }

    pub(super) fn holds(self, trace: &Trace, kind: TimeRangeType) -> bool {
        match kind {
            TimeRangeType::TraceId => self.has(trace.start),
            // "Returns traces active during the range, regardless of when the trace began."
            TimeRangeType::Event => trace.start < self.end && self.start <= active_until(trace),
            TimeRangeType::Service => {
                trace.segments.iter().filter_map(|&segment| trace.nodes[segment].span.end).any(|end| self.has(end))
            }
        }
    }
}

fn active_until(trace: &Trace) -> f64 {
    let end = trace.end.unwrap_or(trace.start);
    // What has not ended was still at work when it was last heard of.
    if trace.is_partial() { end.max(trace.updated) } else { end }
}
