//! GetTraceSummaries: newest first, page by page.

use std::sync::Arc;

use aws_wire::ApiError;
use serde::{Deserialize, Serialize};

use super::{
    error,
    window::{TimeRangeType, Window},
};
use crate::{document, filter::Filter, store::Store, summary::TraceSummary, trace::Trace};

/// What AWS has been seen to refuse to exceed; its documentation names no limit.
const MAX_WINDOW_S: f64 = 24.0 * 3600.0;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetTraceSummaries {
    start_time: f64,
    end_time: f64,
    #[serde(default)]
    time_range_type: Option<TimeRangeType>,
    #[serde(default)]
    filter_expression: Option<String>,
    #[serde(default)]
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TraceSummaries {
    trace_summaries: Vec<TraceSummary>,
    approximate_time: f64,
    traces_processed_count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

pub(super) fn get_trace_summaries(store: &Store, request: GetTraceSummaries) -> Result<TraceSummaries, ApiError> {
    let window =
        Window::new(request.start_time, request.end_time, MAX_WINDOW_S, "Time range cannot be longer than 24 hours")?;
    let filter = Filter::new(request.filter_expression.as_deref().unwrap_or_default(), &*store.groups())
        .map_err(error::filter)?;
    let after = request.next_token.as_deref().map(Position::read).transpose()?;
    let kind = request.time_range_type.unwrap_or_default();

    let mut traces = store.indexed_traces();
    traces.retain(|trace| window.holds(trace, kind));
    // The first page is the newest; the id breaks ties, so that every trace has one place.
    traces.sort_by(|a, b| b.start.total_cmp(&a.start).then_with(|| b.id.cmp(&a.id)));
    if let Some(after) = after {
        traces.retain(|trace| after.is_before(trace));
    }

    let mut page: Vec<&Arc<Trace>> = Vec::new();
    let mut processed = 0_usize;
    let mut next_token = None;
    for (trace, before) in traces.iter().zip(std::iter::once(None).chain(traces.iter().map(Some))) {
        if page.len() == store.config().page_size.max(1) {
            next_token = before.map(|last| Position::of(last).write());
            break;
        }
        processed += 1;
        if filter.matches(trace) {
            page.push(trace);
        }
    }
    Ok(TraceSummaries {
        trace_summaries: page.iter().map(|trace| TraceSummary::of(trace)).collect(),
        approximate_time: page.first().map_or_else(|| store.now(), |trace| trace.start),
        traces_processed_count: processed,
        next_token,
    })
}

/// A place in the order of pages: it stays right while traces come and go.
struct Position {
    start: f64,
    id: String,
}

impl Position {
    fn of(trace: &Trace) -> Self {
        Self { start: trace.start, id: trace.id.clone() }
    }

    fn write(&self) -> String {
        format!("{:016x}.{}", self.start.to_bits(), self.id)
    }

    fn read(token: &str) -> Result<Self, ApiError> {
        let invalid = || error::invalid("NextToken is not one that this API has handed out");
        let (start, id) = token.split_once('.').ok_or_else(invalid)?;
        let start = f64::from_bits(u64::from_str_radix(start, 16).map_err(|_| invalid())?);
        if !start.is_finite() || !document::is_trace_id(id) {
            return Err(invalid());
        }
        Ok(Self { start, id: id.to_owned() })
    }

    fn is_before(&self, trace: &Trace) -> bool {
        trace.start < self.start || (trace.start == self.start && trace.id < self.id)
    }
}
