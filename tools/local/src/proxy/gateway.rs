//! The API's front: the limits of API Gateway that the emulator does not have, and the variables of gateway responses that it
//! leaves unfilled.

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Method, Response, StatusCode, header, response::Parts},
};
use serde_json::Value;
use suite::GatewayAnswer;
use uuid::Uuid;

/// Of API Gateway, not adjustable.
pub(super) const MAX_PAYLOAD_BYTES: usize = 10 * 1024 * 1024;

/// The path under which the emulator serves APIs: `/restapis/<id>/<stage>/_user_request_/<path>`.
pub(super) fn api_path(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("/restapis/")?;
    let (_, path) = rest.split_once("/_user_request_")?;
    Some(if path.is_empty() { "/" } else { path })
}

/// Fills what the emulator has left in a gateway response's body.
pub(super) fn fill_context(body: &str, method: &Method, path: &str, request_body: &[u8]) -> String {
    body.replace("$context.error.validationErrorString", &within_json_string(&validation_error(request_body)))
        .replace("$context.httpMethod", &within_json_string(method.as_str()))
        .replace("$context.path", &within_json_string(path))
}

/// Why a body is not one JSON object: the model asks for no more.
fn validation_error(body: &[u8]) -> String {
    if body.iter().all(u8::is_ascii_whitespace) {
        return "the body is empty".into();
    }
    let found = match serde_json::from_slice::<Value>(body) {
        Err(error) => return error.to_string(),
        Ok(Value::Null) => "null",
        Ok(Value::Bool(_)) => "boolean",
        Ok(Value::Number(_)) => "number",
        Ok(Value::String(_)) => "string",
        Ok(Value::Array(_)) => "array",
        Ok(Value::Object(_)) => "object",
    };
    format!(
        "instance type ({found}) does not match any allowed primitive type (allowed: [\"object\"]) at line 1 column 1"
    )
}

/// What the caller sees of a function that failed. The emulator would tell it the function's own words. Its headers stay: one of
/// them says which invocations the request has caused.
pub(super) fn integration_failure(mut parts: Parts, answer: &GatewayAnswer) -> Response<Body> {
    let request_id = Uuid::new_v4().to_string();
    let body = answer.template().replace("$context.requestId", &request_id);
    if let Some(status) = answer.status.and_then(|status| StatusCode::from_u16(status).ok()) {
        parts.status = status;
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    let own = [("content-type", "application/json"), ("x-amzn-requestid", &request_id)];
    for (name, value) in own.into_iter().chain(answer.headers.iter().map(|(name, value)| (&**name, &**value))) {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            parts.headers.insert(name, value);
        }
    }
    Response::from_parts(parts, Body::from(body))
}

fn within_json_string(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_call_is_known_by_its_path() {
        assert_eq!(api_path("/restapis/a1/local/_user_request_/orders"), Some("/orders"));
        assert_eq!(api_path("/restapis/a1/local/_user_request_"), Some("/"));
        assert_eq!(api_path("/restapis/a1/resources"), None);
        assert_eq!(api_path("/"), None);
    }

    #[test]
    fn a_gateway_response_stays_json_whatever_fills_it() {
        let template = r#"{"message":"No: $context.error.validationErrorString, $context.httpMethod $context.path"}"#;
        let body = fill_context(template, &Method::POST, "/a\"b", b"[]");
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            body["message"],
            "No: instance type (array) does not match any allowed primitive type (allowed: [\"object\"]) at line 1 column 1, POST /a\"b"
        );
    }

    #[test]
    fn broken_json_is_told_with_its_place() {
        assert_eq!(validation_error(b"{\"a\": }"), "expected value at line 1 column 7");
        assert_eq!(validation_error(b" "), "the body is empty");
    }
}
