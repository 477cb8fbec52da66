//! OpenTelemetry's spans: read as OTLP sends them, and made X-Ray segment documents of, as AWS does.
//!
//! The attributes that matter and what becomes of them follow AWS's exporter for the OpenTelemetry Collector; the README has the table.

mod attributes;
mod blocks;
mod record;
mod segment;

use std::io::Read as _;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use flate2::read::MultiGzDecoder;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message as _;
use serde_json::{Map, Value};

use self::attributes::Attributes;

/// What an exporter may send in one request, unpacked.
const MAX_REQUEST_BYTES: u64 = 20 * 1024 * 1024;

/// How a request is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Protobuf,
    Json,
}

/// A span: the segment documents that it becomes, and the record that CloudWatch Logs would have of it.
#[derive(Debug)]
pub(crate) struct Converted {
    /// One; two for a call that is the outermost work of a service.
    pub(crate) documents: Vec<Map<String, Value>>,
    pub(crate) record: Value,
}

/// A request of an exporter's.
pub(crate) fn read(body: &[u8], encoding: Encoding) -> Result<ExportTraceServiceRequest, String> {
    match encoding {
        Encoding::Protobuf => {
            ExportTraceServiceRequest::decode(body).map_err(|error| format!("not OTLP protobuf: {error}"))
        }
        Encoding::Json => serde_json::from_slice(body).map_err(|error| format!("not OTLP JSON: {error}")),
    }
}

/// A request in a datagram: base64 of protobuf.
pub(crate) fn read_base64(text: &str) -> Result<ExportTraceServiceRequest, String> {
    let bytes = BASE64_STANDARD.decode(text.trim_end()).map_err(|error| format!("OTLP is not base64: {error}"))?;
    read(&bytes, Encoding::Protobuf)
}

/// Undoes the compression that exporters know.
pub(crate) fn gunzip(body: &[u8]) -> Result<Vec<u8>, String> {
    let mut plain = Vec::new();
    let mut unpacked = MultiGzDecoder::new(body).take(MAX_REQUEST_BYTES + 1);
    unpacked.read_to_end(&mut plain).map_err(|error| format!("not gzip: {error}"))?;
    if plain.len() as u64 > MAX_REQUEST_BYTES {
        return Err(format!("more than {MAX_REQUEST_BYTES} bytes, unpacked"));
    }
    Ok(plain)
}

/// Every span of a request.
pub(crate) fn convert(request: ExportTraceServiceRequest) -> Vec<Converted> {
    let mut converted = Vec::new();
    for of_resource in request.resource_spans {
        let resource = Attributes::read(of_resource.resource.map(|resource| resource.attributes).unwrap_or_default());
        for of_scope in of_resource.scope_spans {
            for span in of_scope.spans {
                converted.push(Converted {
                    documents: segment::documents(&span, &resource),
                    record: record::of(&span, &resource, of_scope.scope.as_ref()),
                });
            }
        }
    }
    converted
}

/// Seconds, as X-Ray counts them: to the microsecond, which is what a float of today's seconds tells.
#[expect(clippy::cast_precision_loss, reason = "microseconds are exact until 2255")]
fn seconds(nanos: u64) -> f64 {
    (nanos / 1000) as f64 / 1e6
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `1-<8 hex>-<24 hex>`; what is no trace id is left for the store to refuse.
fn trace_id(bytes: &[u8]) -> String {
    let hex = hex(bytes);
    match hex.split_at_checked(8) {
        Some((time, unique)) => format!("1-{time}-{unique}"),
        None => hex,
    }
}

#[cfg(test)]
mod tests;
