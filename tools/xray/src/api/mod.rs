//! X-Ray's HTTP API (rest-json): every operation is a POST on a path of its own. Beside it stands OTLP.

mod destination;
mod empty;
mod error;
mod graph;
mod groups;
mod otlp;
mod retrieval;
mod sampling;
mod summaries;
mod tags;
mod traces;
mod window;

use std::{collections::HashSet, sync::LazyLock};

use aws_wire::{ApiError, Reply};
use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::Uri,
    response::Response,
    routing::{MethodRouter, post},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::store::Store;

/// 50 segments of 64 kB, escaped, and room for the envelope.
const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;

/// The API over a store. Clients reach it through `AWS_ENDPOINT_URL_XRAY`; X-Ray SDKs that ask a daemon for sampling
/// rules on its TCP port find the same paths, and OpenTelemetry's exporters `/v1/traces`. Signatures are not checked: bind it to loopback.
pub fn router(store: Store) -> Router {
    operations()
        .into_iter()
        .fold(Router::new(), |router, (path, operation)| router.route(path, operation))
        .fallback(unknown)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(store)
}

/// Is it the path of an operation? For a host that serves others on the same port.
pub fn is_operation(path: &str) -> bool {
    static PATHS: LazyLock<HashSet<&str>> = LazyLock::new(|| operations().into_iter().map(|(path, _)| path).collect());
    PATHS.contains(path)
}

fn operations() -> [(&'static str, MethodRouter<Store>); 26] {
    [
        ("/TraceSegments", operation(traces::put_trace_segments)),
        ("/TraceSummaries", operation(summaries::get_trace_summaries)),
        ("/Traces", operation(traces::batch_get_traces)),
        ("/TraceGraph", operation(graph::get_trace_graph)),
        ("/ServiceGraph", operation(graph::get_service_graph)),
        ("/CreateGroup", operation(groups::create)),
        ("/GetGroup", operation(groups::get)),
        ("/Groups", operation(groups::list)),
        ("/UpdateGroup", operation(groups::update)),
        ("/DeleteGroup", operation(groups::delete)),
        ("/CreateSamplingRule", operation(sampling::create)),
        ("/GetSamplingRules", operation(sampling::list)),
        ("/UpdateSamplingRule", operation(sampling::update)),
        ("/DeleteSamplingRule", operation(sampling::delete)),
        ("/SamplingTargets", operation(sampling::targets)),
        ("/SamplingStatisticSummaries", operation(sampling::summaries)),
        ("/GetTraceSegmentDestination", operation(destination::get)),
        ("/UpdateTraceSegmentDestination", operation(destination::update)),
        ("/StartTraceRetrieval", operation(retrieval::start)),
        ("/ListRetrievedTraces", operation(retrieval::list)),
        ("/GetRetrievedTracesGraph", operation(retrieval::graph)),
        ("/CancelTraceRetrieval", operation(retrieval::cancel)),
        (otlp::PATH, post(otlp::export)),
        ("/TagResource", operation(tags::tag)),
        ("/UntagResource", operation(tags::untag)),
        ("/ListTagsForResource", operation(tags::list)),
    ]
}

/// An operation as a route: JSON in, JSON out. The body counts, not the Content-Type: clients differ in it.
fn operation<I, O>(run: fn(&Store, I) -> Result<O, ApiError>) -> MethodRouter<Store>
where
    I: DeserializeOwned + 'static,
    O: Serialize + 'static,
{
    post(move |State(store): State<Store>, body: Bytes| async move {
        let body: &[u8] = if body.trim_ascii().is_empty() { b"{}" } else { &body };
        let answer: Result<O, ApiError> = serde_json::from_slice(body)
            .map_err(|error| error::invalid(format!("The request cannot be read: {error}")))
            .and_then(|input| run(&store, input));
        let response: Response = Reply::rest_json(answer).into();
        response
    })
}

async fn unknown(uri: Uri) -> Response {
    Reply::rest_json(Err::<(), _>(error::unknown_operation(uri.path()))).into()
}
