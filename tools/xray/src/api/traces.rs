//! PutTraceSegments, GetTraceSummaries, BatchGetTraces, GetTraceGraph, GetServiceGraph.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::error::ApiError;
use crate::filter::Filter;
use crate::graph::{self, Service};
use crate::groups::GroupRef;
use crate::store::Store;
use crate::summary::TraceSummary;
use crate::trace::Trace;

/// AWS's console and API stop at five.
const MAX_TRACES: usize = 5;
/// Windows that AWS has been seen to refuse to exceed; its documentation names none.
const MAX_SUMMARY_WINDOW_S: f64 = 24.0 * 3600.0;
const MAX_GRAPH_WINDOW_S: f64 = 6.0 * 3600.0;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PutTraceSegments {
    trace_segment_documents: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Unprocessed {
    unprocessed_trace_segments: Vec<UnprocessedSegment>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct UnprocessedSegment {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    error_code: &'static str,
    message: String,
}

pub(super) fn put_trace_segments(
    store: &Store,
    request: PutTraceSegments,
) -> Result<Unprocessed, ApiError> {
    let unprocessed_trace_segments = request
        .trace_segment_documents
        .iter()
        .flat_map(|document| store.put(document))
        .map(|rejection| UnprocessedSegment {
            error_code: rejection.code,
            message: rejection.to_string(),
            id: rejection.id,
        })
        .collect();
    Ok(Unprocessed {
        unprocessed_trace_segments,
    })
}

#[derive(Deserialize, Clone, Copy, Default, PartialEq)]
enum TimeRangeType {
    #[default]
    TraceId,
    Event,
    Service,
}

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

pub(super) fn get_trace_summaries(
    store: &Store,
    request: GetTraceSummaries,
) -> Result<TraceSummaries, ApiError> {
    let window = Window::new(
        request.start_time,
        request.end_time,
        MAX_SUMMARY_WINDOW_S,
        "Time range cannot be longer than 24 hours",
    )?;
    let filter = Filter::new(
        request.filter_expression.as_deref().unwrap_or_default(),
        &*store.groups(),
    )?;
    let after = request
        .next_token
        .as_deref()
        .map(Position::read)
        .transpose()?;
    let kind = request.time_range_type.unwrap_or_default();

    let mut traces = store.traces();
    traces.retain(|trace| window.holds(trace, kind));
    // The first page is the newest; the id breaks ties, so that every trace has one place.
    traces.sort_by(|a, b| b.start.total_cmp(&a.start).then_with(|| b.id.cmp(&a.id)));
    if let Some(after) = after {
        traces.retain(|trace| after.is_before(trace));
    }

    let mut page: Vec<&Arc<Trace>> = Vec::new();
    let mut processed = 0_usize;
    let mut next_token = None;
    for (trace, before) in traces
        .iter()
        .zip(std::iter::once(None).chain(traces.iter().map(Some)))
    {
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
        approximate_time: page
            .first()
            .map_or_else(|| store.now(), |trace| trace.start),
        traces_processed_count: processed,
        next_token,
    })
}

/// A half-open range of epoch seconds.
#[derive(Clone, Copy)]
struct Window {
    start: f64,
    end: f64,
}

impl Window {
    fn new(start: f64, end: f64, longest: f64, too_long: &str) -> Result<Self, ApiError> {
        if start > end {
            return Err(ApiError::invalid("StartTime must be before EndTime"));
        }
        if end - start > longest {
            return Err(ApiError::invalid(too_long));
        }
        Ok(Self { start, end })
    }

    fn has(self, time: f64) -> bool {
        self.start <= time && time < self.end
    }

    fn holds(self, trace: &Trace, kind: TimeRangeType) -> bool {
        match kind {
            TimeRangeType::TraceId => self.has(trace.start),
            // "Returns traces active during the range, regardless of when the trace began."
            TimeRangeType::Event => trace.start < self.end && self.start <= active_until(trace),
            TimeRangeType::Service => trace
                .segments
                .iter()
                .filter_map(|&segment| trace.nodes[segment].span.end)
                .any(|end| self.has(end)),
        }
    }
}

fn active_until(trace: &Trace) -> f64 {
    let end = trace.end.unwrap_or(trace.start);
    // What has not ended was still at work when it was last heard of.
    if trace.is_partial() {
        end.max(trace.updated)
    } else {
        end
    }
}

/// A place in the order of pages: it stays right while traces come and go.
struct Position {
    start: f64,
    id: String,
}

impl Position {
    fn of(trace: &Trace) -> Self {
        Self {
            start: trace.start,
            id: trace.id.clone(),
        }
    }

    fn write(&self) -> String {
        format!("{:016x}.{}", self.start.to_bits(), self.id)
    }

    fn read(token: &str) -> Result<Self, ApiError> {
        let invalid = || ApiError::invalid("NextToken is not one that this API has handed out");
        let (start, id) = token.split_once('.').ok_or_else(invalid)?;
        let start = f64::from_bits(u64::from_str_radix(start, 16).map_err(|_| invalid())?);
        if !start.is_finite() || !crate::document::is_trace_id(id) {
            return Err(invalid());
        }
        Ok(Self {
            start,
            id: id.to_owned(),
        })
    }

    fn is_before(&self, trace: &Trace) -> bool {
        trace.start < self.start || (trace.start == self.start && trace.id < self.id)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TraceIds {
    trace_ids: Vec<String>,
    #[serde(default)]
    next_token: Option<String>,
}

impl TraceIds {
    fn check(&self) -> Result<(), ApiError> {
        if self.next_token.is_some() {
            return Err(ApiError::invalid("NextToken is currently not supported"));
        }
        if self.trace_ids.len() > MAX_TRACES {
            let message = format!("Exceeding maximum query size: {MAX_TRACES}");
            return Err(ApiError::invalid(message));
        }
        match self
            .trace_ids
            .iter()
            .find(|id| !(1..=35).contains(&id.len()))
        {
            Some(id) => Err(ApiError::invalid(format!("{id:?} is no trace id"))),
            None => Ok(()),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Traces {
    traces: Vec<FullTrace>,
    unprocessed_trace_ids: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct FullTrace {
    id: String,
    duration: f64,
    limit_exceeded: bool,
    segments: Vec<Segment>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Segment {
    id: String,
    document: String,
}

pub(super) fn batch_get_traces(store: &Store, request: TraceIds) -> Result<Traces, ApiError> {
    request.check()?;
    let mut traces: Vec<FullTrace> = Vec::new();
    let mut unprocessed_trace_ids = Vec::new();
    for id in request.trace_ids {
        if traces.iter().any(|trace| trace.id == id) {
            continue;
        }
        let Some(trace) = store.trace(&id) else {
            unprocessed_trace_ids.push(id);
            continue;
        };
        traces.push(FullTrace {
            id,
            duration: trace.duration(),
            limit_exceeded: trace.limit_exceeded,
            segments: trace
                .documents()
                .map(|(id, document)| Segment {
                    id: id.to_owned(),
                    document,
                })
                .collect(),
        });
    }
    Ok(Traces {
        traces,
        unprocessed_trace_ids,
    })
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TraceGraph {
    services: Vec<Service>,
}

pub(super) fn get_trace_graph(store: &Store, request: TraceIds) -> Result<TraceGraph, ApiError> {
    request.check()?;
    let traces: Vec<_> = request
        .trace_ids
        .iter()
        .filter_map(|id| store.trace(id))
        .collect();
    Ok(TraceGraph {
        services: graph::of(&traces),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetServiceGraph {
    start_time: f64,
    end_time: f64,
    #[serde(flatten)]
    group: GroupRef,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ServiceGraph {
    start_time: f64,
    end_time: f64,
    services: Vec<Service>,
    contains_old_group_versions: bool,
}

pub(super) fn get_service_graph(
    store: &Store,
    request: GetServiceGraph,
) -> Result<ServiceGraph, ApiError> {
    let window = Window::new(
        request.start_time,
        request.end_time,
        MAX_GRAPH_WINDOW_S,
        "Time range cannot be longer than 6 hours",
    )?;
    let GroupRef {
        group_name,
        group_arn,
    } = &request.group;
    let default = group_arn.is_none() && matches!(group_name.as_deref(), None | Some("Default"));
    let filter = {
        let groups = store.groups();
        let text = if default {
            String::new()
        } else {
            let group = groups.get(&request.group).map_err(ApiError::invalid)?;
            group.filter_expression.clone().unwrap_or_default()
        };
        Filter::new(&text, &*groups)?
    };
    let mut traces = store.traces();
    traces.retain(|trace| window.holds(trace, TimeRangeType::Event) && filter.matches(trace));
    Ok(ServiceGraph {
        start_time: request.start_time,
        end_time: request.end_time,
        services: graph::of(&traces),
        contains_old_group_versions: false,
    })
}
