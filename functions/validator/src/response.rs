//! The answers: every body is JSON with a `message`.

use aws_lambda_events::{
    apigw::ApiGatewayProxyResponse,
    encodings::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
};
use order::{Problem, Rejection};
use serde_json::{Value, json};
use uuid::Uuid;

/// Why an order is not accepted.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) step: &'static str,
    pub(crate) order_id: Option<Uuid>,
    /// For the client.
    pub(crate) message: String,
    pub(crate) problems: Vec<Problem>,
    /// For the operator, who gets no word of the client's input.
    pub(crate) cause: Option<String>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, step: &'static str, message: impl Into<String>) -> Self {
        Self { status, step, order_id: None, message: message.into(), problems: Vec::new(), cause: None }
    }

    pub(crate) fn bad_request(step: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, step, message)
    }

    pub(crate) fn invalid(step: &'static str, rejection: &Rejection) -> Self {
        Self { problems: rejection.problems().to_vec(), ..Self::bad_request(step, rejection.message()) }
    }

    pub(crate) fn outcome(&self) -> &'static str {
        if self.status.is_server_error() { "failed" } else { "rejected" }
    }
}

/// A key that can't be an id is found before the steps begin: it belongs to the first one.
impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Self::invalid("parse", &rejection)
    }
}

pub(crate) fn accepted(order_id: Uuid) -> ApiGatewayProxyResponse {
    json_response(
        StatusCode::ACCEPTED,
        &json!({"message": "Order accepted for processing", "orderId": order_id}),
        HeaderMap::new(),
    )
}

pub(crate) fn refused(refusal: &Refusal, retry_after_s: u64) -> ApiGatewayProxyResponse {
    let mut headers = HeaderMap::new();
    if refusal.status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(retry_after_s));
    }
    let mut body = json!({"message": refusal.message});
    if !refusal.problems.is_empty() {
        body["errors"] = json!(refusal.problems);
    }
    json_response(refusal.status, &body, headers)
}

fn json_response(status: StatusCode, body: &Value, mut headers: HeaderMap) -> ApiGatewayProxyResponse {
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let mut response = ApiGatewayProxyResponse::default();
    response.status_code = i64::from(status.as_u16());
    response.headers = headers;
    response.body = Some(Body::Text(body.to_string()));
    response
}
