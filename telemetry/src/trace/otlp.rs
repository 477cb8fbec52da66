//! Spans in OpenTelemetry's protocol, as the layers that AWS makes for Lambda send them to the same socket: behind the header a word
//! that tells sampled spans from others, then the request in base64.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use opentelemetry::{Array, Key, KeyValue, Value as Attribute};
use opentelemetry_proto::{
    tonic::{
        collector::trace::v1::ExportTraceServiceRequest,
        common::v1::InstrumentationScope,
        resource::v1::Resource,
        trace::v1::{ResourceSpans, ScopeSpans, Span as ProtoSpan},
    },
    transform::common::tonic::Attributes,
};
use opentelemetry_sdk::trace::SpanData;
use prost::Message as _;

use super::{
    annotations::Granted,
    daemon::MAX_DOCUMENT_BYTES,
    span::{self, Spans},
    tree::Node,
};
use crate::{
    config::Config,
    loss::{Losses, Reason},
};

/// What stands before the request: sampled spans, which X-Ray keeps, and others, which Transaction Search takes, too.
const SAMPLED: &str = "T1S";
const UNSAMPLED: &str = "T1U";

/// Bytes of spans in a request that fits into a datagram in base64.
const MAX_SPAN_BYTES: usize = MAX_DOCUMENT_BYTES / 4 * 3 - MAX_RESOURCE_BYTES;
/// Of what stands around them, generously.
const MAX_RESOURCE_BYTES: usize = 2_000;

/// Writes requests.
#[derive(Debug)]
pub(super) struct Otlp {
    spans: Spans,
    resource: Resource,
    scope: InstrumentationScope,
}

impl Otlp {
    pub(super) fn new(config: &Config) -> Self {
        let mut attributes = vec![
            KeyValue::new("service.name", config.service.clone()),
            KeyValue::new("deployment.environment.name", config.environment.clone()),
            KeyValue::new("cloud.provider", "aws"),
            KeyValue::new("cloud.platform", "aws_lambda"),
        ];
        if let Some(group) = &config.log_group {
            attributes.push(KeyValue::new(
                "aws.log.group.names",
                Attribute::Array(Array::String(vec![group.clone().into()])),
            ));
        }
        Self {
            spans: Spans::new(config),
            resource: Resource { attributes: Attributes::from(attributes).0, ..Resource::default() },
            scope: InstrumentationScope { name: "telemetry".to_owned(), ..InstrumentationScope::default() },
        }
    }

    /// The requests of these nodes, each with the number of its spans; sampled ones first.
    pub(super) fn requests(&self, nodes: &[Node<'_>], granted: &[Granted], losses: &mut Losses) -> Vec<(String, u64)> {
        let mut requests = Vec::new();
        for (word, sampled) in [(SAMPLED, true), (UNSAMPLED, false)] {
            let (mut spans, mut bytes) = (Vec::new(), 0);
            let of = |root| {
                let all = nodes.iter().zip(granted).filter(move |(node, _)| node.is_root() == root);
                all.filter(move |(node, _)| node.scope().unit.sampled == sampled)
            };
            // What the rest hangs under is worth more, should there be too much.
            for (node, granted) in of(true).chain(of(false)) {
                let span = self.span(*node, *granted, sampled, losses);
                // With its tag and its length.
                let length = span.encoded_len() + 6;
                if bytes + length > MAX_SPAN_BYTES && !spans.is_empty() {
                    requests.push(self.request(word, std::mem::take(&mut spans)));
                    bytes = 0;
                }
                bytes += length;
                spans.push(span);
            }
            if !spans.is_empty() {
                requests.push(self.request(word, spans));
            }
        }
        requests
    }

    fn span(&self, node: Node<'_>, granted: Granted, sampled: bool, losses: &mut Losses) -> ProtoSpan {
        let told = match node {
            Node::Step(finished) => {
                let mut cuts = 0;
                let told = finished.scope.span.map(|span| self.spans.finished(finished, span, granted, &mut cuts));
                losses.add(Reason::Cut, cuts);
                told
            }
            Node::Foreign(foreign) => Some(span::foreign(foreign, losses)),
        };
        let mut span = told.map(plain).map_or_else(ProtoSpan::default, ProtoSpan::from);
        if !sampled {
            span.flags &= !1;
        }
        span
    }

    fn request(&self, word: &str, spans: Vec<ProtoSpan>) -> (String, u64) {
        let count = spans.len() as u64;
        let request = ExportTraceServiceRequest {
            resource_spans: vec![ResourceSpans {
                resource: Some(self.resource.clone()),
                scope_spans: vec![ScopeSpans { scope: Some(self.scope.clone()), spans, ..ScopeSpans::default() }],
                ..ResourceSpans::default()
            }],
        };
        let bytes = request.encode_to_vec();
        let mut payload = String::with_capacity(word.len() + bytes.len().div_ceil(3) * 4);
        payload.push_str(word);
        BASE64.encode_string(&bytes, &mut payload);
        (payload, count)
    }
}

/// Attributes by their own names: what X-Ray shall index is a list, where the translator goes by prefixes, and what is the process's
/// stands in the resource.
fn plain(mut span: SpanData) -> SpanData {
    let mut indexed = Vec::new();
    span.attributes.retain_mut(|attribute| {
        let key = attribute.key.as_str();
        if let Some(name) = key.strip_prefix("annotation.") {
            let name = name.to_owned();
            indexed.push(name.clone().into());
            attribute.key = Key::new(name);
        } else if let Some(name) = key.strip_prefix("metadata.") {
            attribute.key = Key::new(name.to_owned());
        }
        !["service.name", "cloud.provider", "cloud.platform"].contains(&attribute.key.as_str())
    });
    if !indexed.is_empty() {
        span.attributes.push(KeyValue::new("aws.xray.annotations", Attribute::Array(Array::String(indexed))));
    }
    span
}
