//! The API's front: the limits of API Gateway that the emulator does not have, and the variables of gateway responses that it
//! leaves unfilled.

use std::io::Read as _;

use axum::{
    body::{Body, Bytes},
    http::{HeaderName, HeaderValue, Method, Response, StatusCode, header, response::Parts},
};
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use serde_json::{Value, value::RawValue};
use suite::GatewayAnswer;
use uuid::Uuid;

/// Of API Gateway, not adjustable.
pub(super) const MAX_PAYLOAD_BYTES: usize = 10 * 1024 * 1024;

/// Of the request line and all headers, not adjustable either.
pub(super) const MAX_HEADER_BYTES: usize = 10_240;

/// What counts towards it.
pub(super) fn header_bytes(request: &axum::extract::Request) -> usize {
    let line = request.method().as_str().len() + request.uri().path_and_query().map_or(0, |path| path.as_str().len());
    let headers = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len());
    line + headers.sum::<usize>()
}

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

/// Undoes a body's `Content-Encoding`, as API Gateway does for gzip and deflate before anything else sees it.
///
/// # Errors
/// With the words of the 415 that it answers to another encoding, or to a body that is not so encoded.
pub(super) fn decode(encoding: Option<&HeaderValue>, body: Bytes) -> Result<Bytes, &'static str> {
    const TAKEN: &str =
        "Request body can't be read with its Content-Encoding: send it as it is, or with gzip or deflate";
    let mut decoded = Vec::new();
    let most = MAX_PAYLOAD_BYTES as u64 + 1;
    let read = match encoding.map_or(Ok(""), HeaderValue::to_str).unwrap_or("?").trim().to_ascii_lowercase().as_str() {
        "" | "identity" => return Ok(body),
        "gzip" => MultiGzDecoder::new(&*body).take(most).read_to_end(&mut decoded),
        "deflate" => ZlibDecoder::new(&*body).take(most).read_to_end(&mut decoded),
        _ => return Err(TAKEN),
    };
    match read {
        Ok(bytes) if bytes > MAX_PAYLOAD_BYTES => Err("Request body is too large: API Gateway takes at most 10 MiB"),
        Ok(_) => Ok(decoded.into()),
        Err(_) => Err(TAKEN),
    }
}

/// Why a body is not one JSON object: the model asks for no more.
fn validation_error(body: &[u8]) -> String {
    if body.iter().all(u8::is_ascii_whitespace) {
        return "the body is empty".into();
    }
    // Unread: a number may have more digits than any type of ours.
    let found = match serde_json::from_slice::<&RawValue>(body).map(|value| value.get().as_bytes().first()) {
        Err(error) => return error.to_string(),
        Ok(Some(b'{')) => "object",
        Ok(Some(b'[')) => "array",
        Ok(Some(b'"')) => "string",
        Ok(Some(b't' | b'f')) => "boolean",
        Ok(Some(b'n')) => "null",
        Ok(_) => "number",
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
        let long = format!("[{}]", "7".repeat(5_000));
        assert!(validation_error(long.as_bytes()).starts_with("instance type (array)"));
    }

    #[test]
    fn a_compressed_body_is_undone_and_what_is_none_is_refused() {
        use std::io::Write as _;

        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(b"{}").unwrap();
        let gzip = Bytes::from(gzip.finish().unwrap());
        let encoding = |name: &'static str| Some(HeaderValue::from_static(name));
        assert_eq!(decode(encoding("GZIP").as_ref(), gzip.clone()).unwrap(), "{}");
        assert_eq!(decode(encoding("identity").as_ref(), "{}".into()).unwrap(), "{}");
        assert_eq!(decode(None, "{}".into()).unwrap(), "{}");
        assert!(decode(encoding("deflate").as_ref(), gzip.clone()).unwrap_err().contains("gzip or deflate"));
        assert!(decode(encoding("br").as_ref(), gzip).is_err());
        let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        bomb.write_all(&vec![b' '; MAX_PAYLOAD_BYTES + 1]).unwrap();
        assert!(decode(encoding("gzip").as_ref(), bomb.finish().unwrap().into()).unwrap_err().contains("10 MiB"));
    }
}
