//! A request to the API, and API Gateway's segment of it.

use ::xray::segments::{self, Http, ServiceSegment};
use axum::{extract::Request, http::header};
use serde_json::json;

use super::{Answer, TRACE_HEADER, TraceHeader, new_span_id, new_trace_id, now};

#[derive(Debug)]
pub(crate) struct ApiRequest {
    trace_id: String,
    /// The client's span, if it is traced, too.
    parent: Option<String>,
    /// Only a client that says so is not sampled: one machine bears every trace.
    sampled: bool,
    stage_id: String,
    call_id: String,
    function_id: String,
    api_id: String,
    stage: String,
    http: Http,
    start: f64,
}

impl ApiRequest {
    pub(super) fn begin(request: &Request) -> Self {
        let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let from = text(TRACE_HEADER).and_then(TraceHeader::parse);
        let path = request.uri().path();
        // /restapis/<id>/<stage>/_user_request_/...
        let mut parts = path.split('/').skip(2);
        let mut part = || parts.next().unwrap_or_default().to_owned();
        Self {
            trace_id: from.as_ref().map_or_else(new_trace_id, |from| from.root.clone()),
            sampled: from.as_ref().is_none_or(|from| from.sampled != Some(false)),
            parent: from.and_then(|from| from.parent),
            stage_id: new_span_id(),
            call_id: new_span_id(),
            function_id: new_span_id(),
            api_id: part(),
            stage: part(),
            http: Http {
                method: Some(request.method().to_string()),
                // Without the query, which may hold anything.
                url: Some(format!("http://{}{path}", text(header::HOST).unwrap_or("localhost"))),
                ..Http::default()
            },
            start: now(),
        }
    }

    /// What the function's own segment is known by, before there is one.
    pub(super) fn function_id(&self) -> &str {
        &self.function_id
    }

    /// The header that the function gets.
    pub(super) fn to_function(&self) -> String {
        format!("Root={};Parent={};Sampled={}", self.trace_id, self.function_id, u8::from(self.sampled))
    }

    /// The header that the client gets.
    pub(super) fn to_client(&self) -> String {
        format!("Root={};Sampled={}", self.trace_id, u8::from(self.sampled))
    }

    /// The stage's segment and, of a request that the gateway did not refuse, Lambda's.
    pub(super) fn segments(&self, answer: &Answer, status: u16, content_length: Option<u64>) -> Vec<ServiceSegment> {
        if !self.sampled {
            return Vec::new();
        }
        let http = Http { status: Some(status), content_length, ..self.http.clone() };
        let api = answer.api.as_deref().unwrap_or(&self.api_id);
        let mut stage = segments::api_gateway_stage(api, &self.stage, &self.trace_id, &self.stage_id, self.start)
            .http(&http)
            .end(now());
        if let Some(parent) = &self.parent {
            stage = stage.parent(parent);
        }
        let mut lambda = Vec::new();
        // One is all that a stage without an authorizer makes.
        if let Some(invocation) = answer.invocations.last() {
            let aws = json!({
                "operation": "Invoke",
                "function_name": invocation.function,
                "resource_names": [invocation.arn.as_ref().unwrap_or(&invocation.function)],
            });
            let invoked = Http { method: Some("POST".into()), status: Some(200), ..Http::default() };
            stage = stage.call(&self.call_id, "Lambda", aws, invocation.start, invocation.end, &invoked);
            lambda = super::invocation::segments(invocation, Some(&self.call_id));
        }
        lambda.push(stage);
        lambda
    }
}
