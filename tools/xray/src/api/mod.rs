//! X-Ray's HTTP API (rest-json): every operation is a POST on a path of its own.

mod error;
mod graph;
mod groups;
mod sampling;
mod summaries;
mod tags;
mod traces;
mod window;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::post;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::store::Store;
use error::ApiError;

/// 50 segments of 64 kB, escaped, and room for the envelope.
const MAX_BODY_BYTES: usize = 8 * 1024 * 1024;

/// The API over a store. Clients reach it through `AWS_ENDPOINT_URL_XRAY`; X-Ray SDKs that ask a daemon for sampling
/// rules on its TCP port find the same paths. Signatures are not checked: bind it to loopback.
pub fn router(store: Store) -> Router {
    Router::new()
        .route("/TraceSegments", operation(traces::put_trace_segments))
        .route("/TraceSummaries", operation(summaries::get_trace_summaries))
        .route("/Traces", operation(traces::batch_get_traces))
        .route("/TraceGraph", operation(graph::get_trace_graph))
        .route("/ServiceGraph", operation(graph::get_service_graph))
        .route("/CreateGroup", operation(groups::create))
        .route("/GetGroup", operation(groups::get))
        .route("/Groups", operation(groups::list))
        .route("/UpdateGroup", operation(groups::update))
        .route("/DeleteGroup", operation(groups::delete))
        .route("/CreateSamplingRule", operation(sampling::create))
        .route("/GetSamplingRules", operation(sampling::list))
        .route("/UpdateSamplingRule", operation(sampling::update))
        .route("/DeleteSamplingRule", operation(sampling::delete))
        .route("/SamplingTargets", operation(sampling::targets))
        .route("/SamplingStatisticSummaries", operation(sampling::summaries))
        .route("/TagResource", operation(tags::tag))
        .route("/UntagResource", operation(tags::untag))
        .route("/ListTagsForResource", operation(tags::list))
        .fallback(unknown)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(store)
}

/// An operation as a route: JSON in, JSON out. The body counts, not the Content-Type: clients differ in it.
fn operation<I, O>(run: fn(&Store, I) -> Result<O, ApiError>) -> axum::routing::MethodRouter<Store>
where
    I: DeserializeOwned + 'static,
    O: Serialize + 'static,
{
    post(move |State(store): State<Store>, body: Bytes| async move {
        let body: &[u8] = if body.trim_ascii().is_empty() { b"{}" } else { &body };
        let answer: Result<Json<O>, ApiError> = serde_json::from_slice(body)
            .map_err(|error| ApiError::invalid(format!("The request cannot be read: {error}")))
            .and_then(|input| run(&store, input).map(Json));
        answer.into_response()
    })
}

async fn unknown(uri: Uri) -> Response {
    ApiError::unknown_operation(uri.path()).into_response()
}
