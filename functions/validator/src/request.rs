//! What API Gateway hands over, as the body's bytes and the one header that counts.

use aws_lambda_events::{apigw::ApiGatewayProxyRequest, http::header::CONTENT_ENCODING};
use base64::Engine as _;

use crate::response::{Reason, Refusal};

/// The body as the client sent it; API Gateway passes binary media types in base64.
pub(crate) fn body(request: ApiGatewayProxyRequest) -> Result<Vec<u8>, Refusal> {
    let body = request.body.unwrap_or_default();
    if !request.is_base64_encoded {
        return Ok(body.into_bytes());
    }
    base64::engine::general_purpose::STANDARD
        .decode(body.trim())
        .map_err(|_| Refusal::new(Reason::InvalidBody, "Request body is not valid base64"))
}

/// Does the client say that the body is encoded? API Gateway undoes what it can; its header may stay.
pub(crate) fn content_encoding(request: &ApiGatewayProxyRequest) -> bool {
    request.headers.get(CONTENT_ENCODING).is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// The `Idempotency-Key` header, whichever of the two header maps holds it.
pub(crate) fn idempotency_key(request: &ApiGatewayProxyRequest) -> Result<Option<&str>, Refusal> {
    const NAME: &str = "idempotency-key";
    let Some(value) = request.headers.get(NAME).or_else(|| request.multi_value_headers.get(NAME)) else {
        return Ok(None);
    };
    value.to_str().map(Some).map_err(|_| {
        Refusal::new(Reason::InvalidField, "Invalid header: Idempotency-Key must be printable ASCII characters")
    })
}
