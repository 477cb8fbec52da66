//! OTLP over HTTP, on the path that every exporter knows.

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTracePartialSuccess, ExportTraceServiceResponse};
use prost::Message as _;
use serde_json::json;

use crate::{
    otlp::{Encoding, gunzip, read},
    store::Store,
};

/// The path.
pub(super) const PATH: &str = "/v1/traces";

pub(super) async fn export(State(store): State<Store>, headers: HeaderMap, body: Bytes) -> Response {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let encoding = match text(header::CONTENT_TYPE).split(';').next().unwrap_or_default().trim() {
        "application/x-protobuf" => Encoding::Protobuf,
        "application/json" => Encoding::Json,
        other => {
            let message = format!("{other:?} is neither application/x-protobuf nor application/json");
            return (StatusCode::UNSUPPORTED_MEDIA_TYPE, message).into_response();
        }
    };
    let body = match text(header::CONTENT_ENCODING) {
        "" | "identity" => Ok(body.to_vec()),
        "gzip" => gunzip(&body),
        other => Err(format!("Content-Encoding {other:?} is not gzip")),
    };
    let request = match body.and_then(|body| read(&body, encoding)) {
        Ok(request) => request,
        // As OTLP has it: not to be sent again.
        Err(message) => return (StatusCode::BAD_REQUEST, message).into_response(),
    };
    let refused = store.put_otlp(request, true);
    let partial_success = refused.last().map(|latest| ExportTracePartialSuccess {
        rejected_spans: i64::try_from(refused.len()).unwrap_or(i64::MAX),
        error_message: latest.to_string(),
    });
    match encoding {
        Encoding::Protobuf => {
            let answer = ExportTraceServiceResponse { partial_success }.encode_to_vec();
            ([(header::CONTENT_TYPE, "application/x-protobuf")], answer).into_response()
        }
        Encoding::Json => {
            let answer = partial_success.map_or_else(
                || json!({}),
                // Whole numbers of 64 bits are texts in OTLP's JSON.
                |partial| {
                    json!({"partialSuccess": {"rejectedSpans": partial.rejected_spans.to_string(),
                                              "errorMessage": partial.error_message}})
                },
            );
            axum::Json(answer).into_response()
        }
    }
}
