//! A service's end of the wire: which protocols it answers, and how.

use std::io::Read as _;

use http::HeaderMap;
use serde_json::Value;

use crate::{
    cbor,
    error::ApiError,
    output::Output,
    query,
    reply::{Reply, request_id},
    xml,
};

/// What a service's clients need to know of it.
#[derive(Debug, Clone, Copy)]
pub struct Service {
    /// Its name in `X-Amz-Target` and in the path of RPC v2: `GraniteServiceVersion20100801`.
    pub target: &'static str,
    /// The version of the JSON protocol its answers name.
    pub json: &'static str,
    /// The namespace of its XML, where it speaks Query.
    pub xml_namespace: &'static str,
    /// The most bytes of a request, uncompressed.
    pub max_request: u64,
}

/// How a request came, and how the answer must look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// `smithy-protocol: rpc-v2-cbor`.
    Cbor,
    /// `X-Amz-Target: GraniteServiceVersion20100801.<operation>`, JSON 1.0 or 1.1.
    Json,
    /// `Action=<operation>` in a form.
    Query,
}

/// A request, read.
#[derive(Debug)]
pub struct Call {
    service: Service,
    /// How it came.
    pub protocol: Protocol,
    /// `GetMetricData`.
    pub operation: String,
    /// Its members. Over Query all of them are strings.
    pub input: Value,
}

impl Service {
    /// Which operation a request is for, without reading all of its body. `None` if it is none.
    #[must_use]
    pub fn operation(&self, path: &str, headers: &HeaderMap, body: &[u8]) -> Option<(Protocol, String)> {
        if let Some((_, operation)) = path.split_once("/operation/") {
            return Some((Protocol::Cbor, operation.trim_end_matches('/').to_owned()));
        }
        let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
        if let Some((_, operation)) = target.rsplit_once('.') {
            return Some((Protocol::Json, operation.to_owned()));
        }
        let (_, action) = form_urlencoded::parse(body).find(|(name, _)| name == "Action")?;
        Some((Protocol::Query, action.into_owned()))
    }

    /// Reads a request.
    ///
    /// # Errors
    /// When it can't be read, with the answer to send.
    pub fn read(&self, path: &str, headers: &HeaderMap, body: &[u8]) -> Result<Call, Reply> {
        let Some((protocol, operation)) = self.operation(path, headers, body) else {
            return Err(self.write(Protocol::Query, "", Err(ApiError::new(400, "MissingAction", "Missing Action"))));
        };
        match self.input(protocol, headers, body) {
            Ok(input) => Ok(Call { service: *self, protocol, operation, input }),
            Err(error) => Err(self.write(protocol, &operation, Err(error))),
        }
    }

    fn input(&self, protocol: Protocol, headers: &HeaderMap, body: &[u8]) -> Result<Value, ApiError> {
        let malformed = |error: String| ApiError::new(400, "SerializationException", error);
        let mut inflated = Vec::new();
        let body = match headers.get(http::header::CONTENT_ENCODING).map(|value| value.as_bytes()) {
            Some(b"gzip") => {
                let mut reader = flate2::read::GzDecoder::new(body).take(self.max_request + 1);
                reader.read_to_end(&mut inflated).map_err(|error| malformed(format!("not gzip: {error}")))?;
                &inflated
            }
            _ => body,
        };
        if body.len() as u64 > self.max_request {
            let text = format!("the request is over {} bytes", self.max_request);
            return Err(ApiError::new(413, "RequestEntityTooLarge", text));
        }
        match protocol {
            Protocol::Cbor => cbor::decode(body),
            Protocol::Json if body.trim_ascii().is_empty() => Ok(Value::Object(serde_json::Map::new())),
            Protocol::Json => serde_json::from_slice(body).map_err(|error| error.to_string()),
            Protocol::Query => query::decode(body),
        }
        .map_err(malformed)
    }

    /// Writes an answer.
    #[must_use]
    pub fn write(&self, protocol: Protocol, operation: &str, result: Result<Output, ApiError>) -> Reply {
        let (status, error) = match &result {
            Ok(_) => (200, None),
            Err(error) => (error.status, Some(error)),
        };
        let mut headers = vec![("x-amzn-requestid", request_id())];
        let body = match protocol {
            Protocol::Cbor | Protocol::Json => {
                if let Some(error) = error {
                    headers.push(("x-amzn-query-error", format!("{};{}", error.query_code, error.fault())));
                }
                let output = result.unwrap_or_else(|error| error.into_output("message"));
                if protocol == Protocol::Cbor {
                    headers.push(("content-type", "application/cbor".into()));
                    headers.push(("smithy-protocol", "rpc-v2-cbor".into()));
                    cbor::encode(&output)
                } else {
                    headers.push(("content-type", format!("application/x-amz-json-{}", self.json)));
                    output.to_json().to_string().into_bytes()
                }
            }
            Protocol::Query => {
                headers.push(("content-type", "text/xml".into()));
                xml::encode(self.xml_namespace, operation, &request_id(), &result).into_bytes()
            }
        };
        Reply { status, headers, body }
    }
}

impl Call {
    /// Writes the answer in the protocol the request came in.
    #[must_use]
    pub fn reply(&self, result: Result<Output, ApiError>) -> Reply {
        self.service.write(self.protocol, &self.operation, result)
    }
}
