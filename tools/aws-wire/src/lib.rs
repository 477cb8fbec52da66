//! The three protocols that CloudWatch's clients speak: RPC v2 CBOR (the SDKs of today), JSON 1.0, and Query (older ones).

mod cbor;
mod input;
mod query;
mod xml;

use std::io::Read as _;

use http::HeaderMap;
use serde_json::Value;

pub(super) use input::{Flexible, Moment};

use super::{ApiError, Out};

/// The most bytes of a request, uncompressed; PutMetricData takes 1 MB.
const MAX_REQUEST: u64 = 4 * 1024 * 1024;

/// How the answer must look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// `smithy-protocol: rpc-v2-cbor`.
    Cbor,
    /// `X-Amz-Target: GraniteServiceVersion20100801.<operation>`.
    Json,
    /// `Action=<operation>` in a form.
    Query,
}

/// A request, read.
#[derive(Debug)]
pub(super) struct Call {
    /// How it came.
    pub(super) protocol: Protocol,
    /// `GetMetricData`.
    pub(super) operation: String,
    /// Its members. Over Query all of them are strings.
    pub(super) input: Value,
}

/// An answer, ready to be sent.
#[derive(Debug, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers beside the length.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: Vec<u8>,
}

/// Which operation of CloudWatch a request is for, without reading all of its body. `None` if it is none.
#[must_use]
pub fn operation(path: &str, headers: &HeaderMap, body: &[u8]) -> Option<(Protocol, String)> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if let Some((_, operation)) = path.split_once("/operation/") {
        return Some((Protocol::Cbor, operation.trim_end_matches('/').to_owned()));
    }
    if let Some((_, operation)) = text("x-amz-target").rsplit_once('.') {
        return Some((Protocol::Json, operation.to_owned()));
    }
    let (_, action) = form_urlencoded::parse(body).find(|(name, _)| name == "Action")?;
    Some((Protocol::Query, action.into_owned()))
}

/// Reads a request.
pub(super) fn decode(path: &str, headers: &HeaderMap, body: &[u8]) -> Result<Call, (Protocol, ApiError)> {
    let (protocol, operation) = operation(path, headers, body)
        .ok_or_else(|| (Protocol::Query, ApiError::new(400, "MissingAction", "Missing Action")))?;
    let malformed = |error: String| (protocol, ApiError::new(400, "SerializationException", error));
    let mut inflated = Vec::new();
    let body = match headers.get(http::header::CONTENT_ENCODING).map(|value| value.as_bytes()) {
        Some(b"gzip") => {
            let mut reader = flate2::read::GzDecoder::new(body).take(MAX_REQUEST + 1);
            reader.read_to_end(&mut inflated).map_err(|error| malformed(format!("not gzip: {error}")))?;
            &inflated
        }
        _ => body,
    };
    if body.len() as u64 > MAX_REQUEST {
        return Err((protocol, ApiError::new(413, "RequestEntityTooLarge", "the request is over 4 MiB")));
    }
    let input = match protocol {
        Protocol::Cbor => cbor::decode(body),
        Protocol::Json => serde_json::from_slice(body).map_err(|error| error.to_string()),
        Protocol::Query => query::decode(body),
    };
    Ok(Call { protocol, operation, input: input.map_err(malformed)? })
}

/// Writes an answer.
pub(super) fn encode(protocol: Protocol, operation: &str, result: Result<Out, ApiError>) -> Reply {
    let (status, error) = match &result {
        Ok(_) => (200, None),
        Err(error) => (error.status, Some(error)),
    };
    let mut headers = vec![("x-amzn-requestid", request_id())];
    let body = match protocol {
        Protocol::Cbor | Protocol::Json => {
            if let Some(error) = error {
                let fault = if status < 500 { "Sender" } else { "Receiver" };
                headers.push(("x-amzn-query-error", format!("{};{fault}", error.code)));
            }
            let out = result.unwrap_or_else(ApiError::into_out);
            if protocol == Protocol::Cbor {
                headers.push(("content-type", "application/cbor".into()));
                headers.push(("smithy-protocol", "rpc-v2-cbor".into()));
                cbor::encode(&out)
            } else {
                headers.push(("content-type", "application/x-amz-json-1.0".into()));
                json(&out).to_string().into_bytes()
            }
        }
        Protocol::Query => {
            headers.push(("content-type", "text/xml".into()));
            xml::encode(operation, &request_id(), &result).into_bytes()
        }
    };
    Reply { status, headers, body }
}

fn json(out: &Out) -> Value {
    match out {
        Out::Text(text) => Value::from(text.as_str()),
        Out::Number(number) | Out::Time(number) => Value::from(*number),
        Out::List(items) => items.iter().map(json).collect(),
        Out::Map(members) => Value::Object(members.iter().map(|(name, out)| ((*name).to_owned(), json(out))).collect()),
        Out::Dictionary(entries) => {
            Value::Object(entries.iter().map(|(name, out)| (name.clone(), json(out))).collect())
        }
    }
}

/// Unique within the process; nobody looks it up.
fn request_id() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};

    static COUNT: AtomicU64 = AtomicU64::new(1);
    format!("00000000-0000-4000-8000-{:012x}", COUNT.fetch_add(1, Ordering::Relaxed))
}
