//! A request that does not pass.

use aws_wire::{ApiError, Protocol};
use axum::{
    body::{Body, Bytes},
    http::{Response, StatusCode, header},
    response::IntoResponse as _,
};
use serde_json::json;

/// Why, under AWS's name where it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::proxy) struct Refusal {
    status: StatusCode,
    pub(super) code: &'static str,
    message: String,
}

impl Refusal {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { status: StatusCode::FORBIDDEN, code, message: message.into() }
    }

    pub(super) fn foreign_host() -> Self {
        Self {
            status: StatusCode::MISDIRECTED_REQUEST,
            ..Self::new(
                "MisdirectedRequest",
                "The local stack answers for this machine's own name only: 127.0.0.1 or localhost",
            )
        }
    }

    pub(super) fn foreign_page() -> Self {
        Self::new("ForeignOrigin", "The local stack takes no requests from pages of another origin")
    }

    pub(super) fn closed() -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            ..Self::new("NotFound", "The emulator's own paths are closed: `suite down` and `suite up` reset the stack")
        }
    }

    pub(super) fn unsigned() -> Self {
        Self::new(
            "MissingAuthenticationToken",
            "The request is not signed: the stack's credentials are in its folder's env file (. .local/env)",
        )
    }

    pub(super) fn unknown_key() -> Self {
        Self::new(
            "UnrecognizedClientException",
            "The stack has not given out this access key: its credentials are in its folder's env file (. .local/env)",
        )
    }

    pub(super) fn not_now() -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            ..Self::new("ServiceUnavailable", "The local emulator is down: `make local` starts it again")
        }
    }

    /// As the request's protocol has it.
    pub(in crate::proxy) fn answer(&self, protocol: Protocol) -> Response<Body> {
        let Self { status, code, message } = self;
        if protocol == Protocol::Cbor {
            let error = ApiError::new(status.as_u16(), code, message.as_str());
            return cloudwatch::api::SERVICE.write(protocol, "", Err(error)).into();
        }
        if protocol == Protocol::Query {
            let body = format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
            );
            return (*status, [(header::CONTENT_TYPE, "text/xml")], Bytes::from(body)).into_response();
        }
        let body = Bytes::from(json!({"__type": code, "message": message}).to_string());
        let headers = [("content-type", "application/json"), ("x-amzn-errortype", *code)];
        (*status, headers, body).into_response()
    }
}
