//! What API Gateway hands over, as the body's bytes and the one header that counts.

use aws_lambda_events::{
    apigw::ApiGatewayProxyRequest,
    http::{HeaderValue, header::CONTENT_ENCODING},
};
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

/// The values of the `Idempotency-Key` header: all of them are in one of the two maps, the last in the other.
pub(crate) fn idempotency_keys(request: &ApiGatewayProxyRequest) -> impl Iterator<Item = &[u8]> {
    const NAME: &str = "idempotency-key";
    let all =
        if request.multi_value_headers.contains_key(NAME) { &request.multi_value_headers } else { &request.headers };
    all.get_all(NAME).iter().map(HeaderValue::as_bytes)
}

/// Who signs the request, owns its API key or is known to the API's authorizer; a name of its own for each kind.
pub(crate) fn caller(request: &ApiGatewayProxyRequest) -> Option<String> {
    let context = &request.request_context;
    if let Some(arn) = &context.identity.user_arn {
        // A role's sessions come and go between a request and its retry: the role stays.
        let principal = match arn.split_once(":assumed-role/") {
            Some((account, role)) => format!("{account}:assumed-role/{}", role.split('/').next().unwrap_or(role)),
            None => arn.clone(),
        };
        return Some(format!("iam {principal}"));
    }
    let authorized = context.authorizer.fields.get("principalId").and_then(|id| id.as_str());
    let claimed = || context.authorizer.fields.get("claims").and_then(|claims| claims["sub"].as_str());
    if let Some(principal) = authorized.or_else(claimed) {
        return Some(format!("authorizer {principal}"));
    }
    context.identity.api_key_id.as_ref().map(|id| format!("api-key {id}"))
}
