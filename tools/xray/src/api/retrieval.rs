//! StartTraceRetrieval, ListRetrievedTraces, GetRetrievedTracesGraph, CancelTraceRetrieval: traces of Transaction Search.

use std::sync::Arc;

use aws_wire::ApiError;
use serde::{Deserialize, Serialize};

use super::{empty::Done, error};
use crate::{
    destination::Destination,
    document::Span,
    graph::{self, Service},
    record,
    retrieval::{Retrieval, Status},
    store::Store,
    trace::Trace,
};

/// Of one retrieval.
const MAX_TRACES: usize = 100;
/// Of one answer.
const MAX_SPANS: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Start {
    trace_ids: Vec<String>,
    start_time: f64,
    end_time: f64,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Token {
    retrieval_token: String,
}

pub(super) fn start(store: &Store, request: Start) -> Result<Token, ApiError> {
    if store.destination() != Destination::CloudWatchLogs {
        return Err(error::invalid(
            "Traces are retrieved from CloudWatch Logs, which is not the destination of segments",
        ));
    }
    if !(1..=MAX_TRACES).contains(&request.trace_ids.len()) {
        return Err(error::invalid(format!("TraceIds has 1 to {MAX_TRACES} ids")));
    }
    if request.start_time > request.end_time {
        return Err(error::invalid("StartTime must be before EndTime"));
    }
    if let Some(id) = request.trace_ids.iter().find(|id| !(1..=35).contains(&id.len())) {
        return Err(error::invalid(format!("{id:?} is no trace id")));
    }
    let Start { trace_ids, start_time, end_time } = request;
    Ok(Token { retrieval_token: store.retrievals().start(trace_ids, start_time, end_time, store.now()) })
}

pub(super) fn cancel(store: &Store, request: Token) -> Result<Done, ApiError> {
    match store.retrievals().cancel(&request.retrieval_token) {
        true => Ok(Done {}),
        false => Err(unknown(&request.retrieval_token)),
    }
}

fn unknown(token: &str) -> ApiError {
    ApiError::new(404, "ResourceNotFoundException", format!("There is no retrieval {token:?}"))
}

#[derive(Deserialize, Serialize, Clone, Copy, Default, PartialEq)]
#[serde(rename_all = "UPPERCASE")]
enum Format {
    #[default]
    XRay,
    Otel,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct List {
    retrieval_token: String,
    #[serde(default)]
    trace_format: Option<Format>,
    #[serde(default)]
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Listed {
    retrieval_status: Status,
    trace_format: Format,
    traces: Vec<Retrieved>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Retrieved {
    id: String,
    duration: f64,
    spans: Vec<SpanDocument>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct SpanDocument {
    id: String,
    document: String,
}

pub(super) fn list(store: &Store, request: List) -> Result<Listed, ApiError> {
    let retrieval = look(store, &request.retrieval_token)?;
    let format = request.trace_format.unwrap_or_default();
    let (mut traces, mut next_token) = (Vec::new(), None);
    if retrieval.status == Status::Complete {
        let from = match request.next_token.as_deref().map(str::parse::<usize>) {
            None => 0,
            Some(Ok(from)) => from,
            Some(Err(_)) => return Err(error::invalid("NextToken is not one that this API has handed out")),
        };
        let mut place = 0;
        'all: for trace in found(store, &retrieval) {
            let mut spans = Vec::new();
            for span in documents(&trace, format) {
                place += 1;
                if place <= from {
                    continue;
                }
                if place > from + MAX_SPANS {
                    next_token = Some((from + MAX_SPANS).to_string());
                    push(&mut traces, &trace, spans);
                    break 'all;
                }
                spans.push(span);
            }
            push(&mut traces, &trace, spans);
        }
    }
    Ok(Listed { retrieval_status: retrieval.status, trace_format: format, traces, next_token })
}

fn push(traces: &mut Vec<Retrieved>, trace: &Trace, spans: Vec<SpanDocument>) {
    if !spans.is_empty() {
        traces.push(Retrieved { id: trace.id.clone(), duration: trace.duration(), spans });
    }
}

fn look(store: &Store, token: &str) -> Result<Retrieval, ApiError> {
    let now = store.now();
    store.retrievals().look(token, now).ok_or_else(|| unknown(token))
}

/// Those of the asked traces that were at work in the time that was asked about.
fn found(store: &Store, retrieval: &Retrieval) -> Vec<Arc<Trace>> {
    let ids = retrieval.trace_ids.iter().filter_map(|id| store.logged(id));
    let ended = |trace: &Trace| trace.end.unwrap_or(trace.start);
    ids.filter(|trace| trace.start <= retrieval.end && retrieval.start <= ended(trace)).collect()
}

fn documents(trace: &Trace, format: Format) -> Vec<SpanDocument> {
    match format {
        Format::XRay => trace.documents().map(|(id, document)| SpanDocument { id: id.to_owned(), document }).collect(),
        Format::Otel => {
            let sent = trace.nodes.iter().filter(|node| !node.inferred);
            let span =
                |span: &Span| SpanDocument { id: span.id.clone(), document: record::of(&trace.id, span).to_string() };
            sent.map(|node| span(&node.span)).collect()
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GraphOf {
    retrieval_token: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RetrievedGraph {
    retrieval_status: Status,
    services: Vec<RetrievedService>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct RetrievedService {
    service: Service,
    links: [(); 0],
}

pub(super) fn graph(store: &Store, request: GraphOf) -> Result<RetrievedGraph, ApiError> {
    let retrieval = look(store, &request.retrieval_token)?;
    let services = match retrieval.status {
        Status::Complete => graph::of(&found(store, &retrieval)),
        _ => Vec::new(),
    };
    let services = services.into_iter().map(|service| RetrievedService { service, links: [] }).collect();
    Ok(RetrievedGraph { retrieval_status: retrieval.status, services })
}
