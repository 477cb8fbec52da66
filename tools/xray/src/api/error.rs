//! Errors as rest-json carries them: the type in a header, the message in the body.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use serde_json::json;

use crate::filter::FilterError;

#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    kind: &'static str,
    message: String,
    resource: Option<String>,
}

impl ApiError {
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "InvalidRequestException", message)
    }

    pub(super) fn rule_limit(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "RuleLimitExceededException", message)
    }

    pub(super) fn too_many_tags(arn: &str) -> Self {
        let message = format!("More than {} tags", crate::tags::MAX_TAGS);
        Self { resource: Some(arn.to_owned()), ..Self::new(StatusCode::BAD_REQUEST, "TooManyTagsException", message) }
    }

    pub(super) fn no_resource(arn: &str) -> Self {
        let message = format!("The resource {arn:?} does not exist");
        Self {
            resource: Some(arn.to_owned()),
            ..Self::new(StatusCode::NOT_FOUND, "ResourceNotFoundException", message)
        }
    }

    pub(super) fn unknown_operation(path: &str) -> Self {
        let message = format!("The local X-Ray has no operation at {path}");
        Self::new(StatusCode::NOT_FOUND, "UnknownOperationException", message)
    }

    fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self { status, kind, message: message.into(), resource: None }
    }
}

impl From<FilterError> for ApiError {
    fn from(error: FilterError) -> Self {
        Self::invalid(error.to_string())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut body = json!({"__type": self.kind, "Message": self.message});
        if let Some(resource) = self.resource {
            body["ResourceName"] = json!(resource);
        }
        (self.status, [("x-amzn-errortype", self.kind)], Json(body)).into_response()
    }
}
