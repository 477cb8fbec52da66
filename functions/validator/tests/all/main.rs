//! The validator without AWS and without the Lambda runtime.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests, and helpers that fail as tests do")]

mod answers;
mod telemetry;

use aws_lambda_events::{apigw::ApiGatewayProxyRequest, http::HeaderMap};
use serde_json::{Map, Value, json};
use validator::Request;

/// The request as API Gateway sends it, which is how the function reads it.
fn sent(mut request: ApiGatewayProxyRequest) -> Request {
    let texts = |headers: &HeaderMap, name| {
        let texts = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        texts.collect::<Vec<_>>()
    };
    let last: Map<String, Value> =
        request.headers.keys().map(|name| (name.to_string(), json!(texts(&request.headers, name).last()))).collect();
    let all = &request.multi_value_headers;
    let all: Map<String, Value> = all.keys().map(|name| (name.to_string(), json!(texts(all, name)))).collect();
    // Its own way of writing them has no bytes beyond ASCII.
    (request.headers, request.multi_value_headers) = (HeaderMap::new(), HeaderMap::new());
    let mut event = serde_json::to_value(&request).unwrap();
    (event["headers"], event["multiValueHeaders"]) = (last.into(), all.into());
    serde_json::from_value(event).unwrap()
}
