//! PutTraceSegments and BatchGetTraces.

use aws_wire::ApiError;
use serde::{Deserialize, Serialize};

use super::error;
use crate::store::Store;

/// AWS's console and API stop at five.
const MAX_TRACES: usize = 5;

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

pub(super) fn put_trace_segments(store: &Store, request: PutTraceSegments) -> Result<Unprocessed, ApiError> {
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
    Ok(Unprocessed { unprocessed_trace_segments })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TraceIds {
    pub(super) trace_ids: Vec<String>,
    #[serde(default)]
    next_token: Option<String>,
}

impl TraceIds {
    pub(super) fn check(&self) -> Result<(), ApiError> {
        if self.next_token.is_some() {
            return Err(error::invalid("NextToken is currently not supported"));
        }
        if self.trace_ids.len() > MAX_TRACES {
            let message = format!("Exceeding maximum query size: {MAX_TRACES}");
            return Err(error::invalid(message));
        }
        match self.trace_ids.iter().find(|id| !(1..=35).contains(&id.len())) {
            Some(id) => Err(error::invalid(format!("{id:?} is no trace id"))),
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
        let Some(trace) = store.indexed(&id) else {
            unprocessed_trace_ids.push(id);
            continue;
        };
        traces.push(FullTrace {
            id,
            duration: trace.duration(),
            limit_exceeded: trace.limit_exceeded,
            segments: trace.documents().map(|(id, document)| Segment { id: id.to_owned(), document }).collect(),
        });
    }
    Ok(Traces { traces, unprocessed_trace_ids })
}
