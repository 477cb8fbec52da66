//! The answers: every body is JSON with a `message`.

use aws_lambda_events::{
    apigw::ApiGatewayProxyResponse,
    encodings::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
};
use function_config::CallFailure;
use order::{IdempotencyKey, Problem, ProblemKind, Rejection};
use serde::Serialize;
use serde_json::json;
use telemetry::{Code, ErrorClass, ErrorKind};
use uuid::Uuid;

/// Why an order is not accepted: the client is told `message` and `problems`, telemetry the rest.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    reason: Reason,
    message: Box<str>,
    problems: Box<[Problem]>,
    more_problems: usize,
    /// Of an order that may be in the queue.
    retry: Option<Box<Retry>>,
}

/// How to send an order again whose outcome is not known.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Retry {
    order_id: Uuid,
    idempotency_key: String,
}

/// Why, in words fixed at compile time: nothing of the client's input is in them.
#[derive(Debug)]
pub(crate) enum Reason {
    InvalidBody,
    MissingField,
    InvalidField,
    UnsupportedEncoding,
    KeyReused,
    TooLarge,
    Unencodable,
    /// An AWS call's failure, and whether a retry may help.
    Call(CallFailure),
    /// The queue's failure, after which the order may be in the queue.
    Unknown(CallFailure),
}

impl Refusal {
    pub(crate) fn new(reason: Reason, message: impl Into<Box<str>>) -> Self {
        let status = match &reason {
            Reason::InvalidBody | Reason::MissingField | Reason::InvalidField => StatusCode::BAD_REQUEST,
            Reason::UnsupportedEncoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Reason::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Reason::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Reason::Unknown(_) => StatusCode::SERVICE_UNAVAILABLE,
            Reason::Call(failure) if failure.is_transient() => StatusCode::SERVICE_UNAVAILABLE,
            Reason::Call(_) | Reason::Unencodable => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self { status, reason, message: message.into(), problems: Box::default(), more_problems: 0, retry: None }
    }

    /// Names the retry that is safe, if the outcome is not known.
    pub(crate) fn with_retry(mut self, order_id: Uuid, key: &IdempotencyKey) -> Self {
        if self.is_unknown() {
            self.retry = Some(Box::new(Retry { order_id, idempotency_key: key.as_str().to_owned() }));
        }
        self
    }

    /// May the order be in the queue all the same?
    pub(crate) fn is_unknown(&self) -> bool {
        matches!(self.reason, Reason::Unknown(_))
    }
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        let reason = match rejection.problems().first().map(|problem| problem.kind) {
            Some(ProblemKind::Missing) => Reason::MissingField,
            Some(ProblemKind::Invalid) => Reason::InvalidField,
            Some(ProblemKind::Body) | None => Reason::InvalidBody,
        };
        let problems: Box<[Problem]> = rejection.problems().into();
        let more_problems = rejection.count() - problems.len();
        Self { problems, more_problems, ..Self::new(reason, rejection.message()) }
    }
}

impl ErrorClass for Refusal {
    fn class(&self) -> &'static str {
        match &self.reason {
            Reason::InvalidBody => "InvalidBody",
            Reason::MissingField => "MissingField",
            Reason::InvalidField => "InvalidField",
            Reason::UnsupportedEncoding => "UnsupportedEncoding",
            Reason::KeyReused => "KeyReused",
            Reason::TooLarge => "TooLarge",
            Reason::Unencodable => "Unencodable",
            Reason::Call(failure) | Reason::Unknown(failure) => failure.class(),
        }
    }

    fn kind(&self) -> ErrorKind {
        match &self.reason {
            Reason::Call(failure) | Reason::Unknown(failure) => failure.kind(),
            Reason::Unencodable => ErrorKind::Fault,
            _ => ErrorKind::Rejected,
        }
    }

    fn cause(&self) -> &'static str {
        match &self.reason {
            Reason::InvalidBody => "the body is not one JSON object",
            Reason::MissingField => "a required field is missing",
            Reason::InvalidField => "a field is not what it must be",
            Reason::UnsupportedEncoding => "the body is encoded in a way that nobody undoes",
            Reason::KeyReused => "the key was used for another order",
            Reason::TooLarge => "the order does not fit into a message",
            Reason::Unencodable => "the message could not be encoded",
            Reason::Call(failure) | Reason::Unknown(failure) => failure.cause(),
        }
    }

    fn code(&self) -> Option<Code> {
        match &self.reason {
            Reason::Call(failure) | Reason::Unknown(failure) => failure.code(),
            _ => None,
        }
    }
}

pub(crate) fn accepted(order_id: Uuid) -> ApiGatewayProxyResponse {
    json_response(
        StatusCode::ACCEPTED,
        &json!({"message": "Order accepted for processing", "orderId": order_id}),
        HeaderMap::new(),
    )
}

/// To a browser's OPTIONS.
pub(crate) fn preflight(headers: HeaderMap) -> ApiGatewayProxyResponse {
    let mut response = ApiGatewayProxyResponse::default();
    response.status_code = i64::from(StatusCode::NO_CONTENT.as_u16());
    response.headers = headers;
    response
}

pub(crate) fn refused(refusal: &Refusal, retry_after_s: u64) -> ApiGatewayProxyResponse {
    let mut headers = HeaderMap::new();
    if refusal.status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(retry_after_s));
    }
    let body = Refused {
        message: &refusal.message,
        errors: &refusal.problems,
        more_errors: refusal.more_problems,
        retry: refusal.retry.as_deref(),
    };
    json_response(refusal.status, &body, headers)
}

/// The message first: it is what a person reads.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Refused<'a> {
    message: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [Problem],
    /// How many are not listed.
    #[serde(skip_serializing_if = "is_zero")]
    more_errors: usize,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    retry: Option<&'a Retry>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

fn json_response(status: StatusCode, body: &impl Serialize, mut headers: HeaderMap) -> ApiGatewayProxyResponse {
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let mut response = ApiGatewayProxyResponse::default();
    response.status_code = i64::from(status.as_u16());
    response.headers = headers;
    // Strings and lists of strings always encode; were it not so, the status would still tell.
    response.body = Some(Body::Text(serde_json::to_string(body).unwrap_or_default()));
    response
}
