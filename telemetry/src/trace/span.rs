//! A step as the OpenTelemetry span that it is, in the semantic conventions that opentelemetry-aws translates.

use std::{borrow::Cow, sync::Arc, time::SystemTime};

use opentelemetry::{
    Array, InstrumentationScope, Key, KeyValue, StringValue, Value as Attribute,
    trace::{Event, Link, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState},
};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use super::annotations::{Granted, wanted};
use crate::{
    call::{AwsCall, AwsResponse, Resource},
    config::Config,
    field::{Value, unreserved},
    loss::{Losses, Reason},
    scope::{Data, Finished, ForeignSpan, MAX_FIELDS, Scope, Span},
    text::{SEGMENT_NAME_CHARS, SUBSEGMENT_NAME_CHARS, cut, name},
};

/// The longest text in a document: what X-Ray takes of an annotation.
const MAX_TEXT_BYTES: usize = 1000;
/// The longest key, likewise.
const MAX_KEY_BYTES: usize = 500;

/// What every span of a process has in common.
#[derive(Debug)]
pub(super) struct Spans {
    service: StringValue,
    correlation_key: String,
    /// The correlation id as an annotation, and where there is no annotation left for it.
    correlation: [Key; 2],
}

impl Spans {
    pub(super) fn new(config: &Config) -> Self {
        let key = annotation_key(config.correlation_key);
        Self {
            service: name(&config.service, SEGMENT_NAME_CHARS).into_owned().into(),
            correlation: [format!("annotation.{key}").into(), format!("metadata.{key}").into()],
            correlation_key: key,
        }
    }

    pub(super) fn correlation_key(&self) -> &str {
        &self.correlation_key
    }

    /// A finished step's; how many texts had to be cut is added up.
    pub(super) fn finished(&self, finished: &Finished, span: Span, granted: Granted, cuts: &mut u64) -> SpanData {
        let scope = &finished.scope;
        let data = scope.data();
        let mut attributes = self.attributes(scope, data.call.as_ref(), data.response);
        self.annotations(&mut attributes, finished, &data, granted);
        self.metadata(&mut attributes, finished, &data, cuts);
        let ended = scope.started_at() + finished.duration;
        let mut told = self.span(scope, data.call.is_some(), span, ended, attributes);
        told.links.links = data
            .links
            .iter()
            .chain(scope.unit.client.get().filter(|_| scope.root))
            .map(|(trace, id)| Link::new(context(trace.get(), id.get(), true), Vec::new(), 0))
            .collect();
        if let Some(failure) = &finished.failure {
            let message = StringValue::from(cut(failure.message(), MAX_TEXT_BYTES).to_owned());
            told.status = Status::error(message.as_str().to_owned());
            told.events.events.push(exception(cut(failure.class, MAX_TEXT_BYTES), message, ended));
        }
        told
    }

    /// An open step's.
    pub(super) fn open(&self, scope: &Scope, span: Span) -> SpanData {
        let data = scope.data();
        let mut attributes = self.attributes(scope, data.call.as_ref(), AwsResponse::default());
        attributes.push(KeyValue::new("metadata.step", cut(scope.name, MAX_TEXT_BYTES)));
        self.span(scope, data.call.is_some(), span, SystemTime::now(), attributes)
    }

    fn span(
        &self,
        scope: &Scope,
        called: bool,
        span: Span,
        end_time: SystemTime,
        attributes: Vec<KeyValue>,
    ) -> SpanData {
        let trace = scope.unit.header.as_ref().map_or(0, |header| header.trace_id().get());
        let max = if scope.is_segment() { SEGMENT_NAME_CHARS } else { SUBSEGMENT_NAME_CHARS };
        SpanData {
            parent_span_id: span.parent.map_or(SpanId::INVALID, |parent| parent.get().into()),
            parent_span_is_remote: scope.root,
            // What X-Ray draws: a function of its own, a call of another service, a part of either.
            span_kind: match (scope.is_segment(), called) {
                (true, _) => SpanKind::Server,
                (false, true) => SpanKind::Client,
                (false, false) => SpanKind::Internal,
            },
            start_time: scope.started_at(),
            ..empty(context(trace, span.id.get(), false), name(scope.name, max), end_time, attributes)
        }
    }

    /// One that has everything the translator looks at.
    pub(super) fn sample(&self) -> SpanData {
        let attributes = vec![KeyValue::new(self.correlation[0].clone(), "sample")];
        empty(context(1, 1, false), "sample".into(), SystemTime::UNIX_EPOCH, attributes)
    }

    fn attributes(&self, scope: &Scope, call: Option<&AwsCall>, response: AwsResponse) -> Vec<KeyValue> {
        let mut attributes = Vec::with_capacity(16);
        if scope.is_segment() {
            attributes.extend([
                KeyValue::new("service.name", self.service.clone()),
                KeyValue::new("cloud.provider", "aws"),
                KeyValue::new("cloud.platform", "aws_lambda"),
            ]);
        }
        if let Some(call) = call {
            attributes.extend([
                KeyValue::new("rpc.system", "aws-api"),
                KeyValue::new("rpc.service", name(call.service, SUBSEGMENT_NAME_CHARS)),
                KeyValue::new("rpc.method", cut(call.operation, MAX_TEXT_BYTES)),
            ]);
            match &call.resource {
                Some(Resource::Queue(url)) => attributes.push(KeyValue::new("aws.sqs.queue.url", whole(url))),
                Some(Resource::Table(table)) => attributes.push(KeyValue::new("aws.table.name", whole(table))),
                None => {}
            }
            attributes.extend(response.request_id.map(|id| KeyValue::new("aws.request_id", id.as_str().to_owned())));
        }
        let status = response.status.map(i64::from);
        attributes.extend(status.map(|status| KeyValue::new("http.response.status_code", status)));
        attributes
    }

    /// What the trace has no annotation left for becomes metadata.
    fn annotations(&self, attributes: &mut Vec<KeyValue>, finished: &Finished, data: &Data, granted: Granted) {
        if let Some(id) = finished.scope.unit.correlation.get() {
            let [annotation, metadata] = &self.correlation;
            let key = if granted.correlation { annotation } else { metadata };
            attributes.push(KeyValue::new(key.clone(), id.as_str().to_owned()));
        }
        if let Some((trace, _)) = finished.scope.unit.client.get().filter(|_| finished.scope.root) {
            let key = if granted.client { "annotation.clientTraceId" } else { "metadata.clientTraceId" };
            attributes.push(KeyValue::new(key, trace.hex().to_string()));
        }
        for (at, (key, text)) in wanted(finished, data).enumerate() {
            let [annotation, metadata] = match key {
                "errorClass" => ["annotation.errorClass", "metadata.errorClass"],
                "outcome" => ["annotation.outcome", "metadata.outcome"],
                _ => ["annotation.step", "metadata.step"],
            };
            let key = if at < granted.own { annotation } else { metadata };
            attributes.push(KeyValue::new(key, cut(text, MAX_TEXT_BYTES)));
        }
    }

    fn metadata(&self, attributes: &mut Vec<KeyValue>, finished: &Finished, data: &Data, cuts: &mut u64) {
        if let Some(id) = &finished.scope.journal.request_id {
            attributes.push(KeyValue::new("metadata.requestId", id.to_string()));
        }
        if data.call.is_some() {
            attributes.push(KeyValue::new("metadata.retries", integer(data.response.retries.unwrap_or(0))));
        }
        if let Some(wait) = data.queue_wait {
            attributes.push(KeyValue::new("metadata.queueWaitMs", wait.as_secs_f64() * 1e3));
        }
        if let Some(code) = finished.failure.and_then(|failure| failure.code) {
            attributes.push(KeyValue::new("metadata.errorCode", code.as_str().to_owned()));
        }
        if finished.scope.root && !finished.scope.is_segment() && finished.scope.journal.cold {
            attributes.push(KeyValue::new("metadata.coldStart", true));
        }
        for (key, value) in &data.fields {
            let key = unreserved(shortened(key, MAX_KEY_BYTES, cuts), &self.correlation_key);
            let key = format!("metadata.{key}");
            attributes.push(KeyValue::new(
                key,
                match value {
                    Value::Static(text) => Attribute::from(shortened(text, MAX_TEXT_BYTES, cuts)),
                    Value::Count(count) => integer(*count).into(),
                    Value::Duration(duration) => (duration.as_secs_f64() * 1e3).into(),
                    Value::Bool(value) => (*value).into(),
                    Value::Id(id) => id.as_str().to_owned().into(),
                },
            ));
        }
        if !data.links.is_empty() {
            let traces = data.links.iter().map(|(trace, _)| StringValue::from(trace.xray().to_string())).collect();
            attributes.push(KeyValue::new("metadata.producerTraces", integer(data.links_seen)));
            attributes.push(KeyValue::new("metadata.producerTraceIds", Attribute::Array(Array::String(traces))));
        }
    }
}

/// What is told of a span that is not ours: its name, times and kind, whether it failed, and as many of its fields as a step has, each
/// as long as a step's may be. Their author is trusted with the content; what X-Ray takes is still X-Ray's to say.
pub(super) fn foreign(span: &ForeignSpan, losses: &mut Losses) -> SpanData {
    let data = &span.data;
    let mut cuts = 0;
    let mut attributes = Vec::with_capacity(data.attributes.len());
    for KeyValue { key, value, .. } in &data.attributes {
        let value = match value {
            Attribute::String(text) => shortened(text.as_str(), MAX_TEXT_BYTES, &mut cuts).to_owned().into(),
            // The errors behind an error, which its text has said.
            Attribute::Array(_) => continue,
            value => value.clone(),
        };
        let key = key.as_str();
        // Not a library's to index, nor to put where X-Ray reads what we say.
        let key = key.strip_prefix("annotation.").or(key.strip_prefix("metadata.")).unwrap_or(key);
        if !key.starts_with("exception.") && !key.starts_with("otel.") {
            attributes.push(KeyValue::new(shortened(key, MAX_KEY_BYTES, &mut cuts).to_owned(), value));
        }
    }
    let dropped = attributes.len().saturating_sub(MAX_FIELDS);
    attributes.truncate(MAX_FIELDS);
    losses.add(Reason::Fields, dropped as u64 + u64::from(data.dropped_attributes_count));
    let mut told = SpanData {
        parent_span_id: data.parent_span_id,
        start_time: data.start_time,
        span_kind: if data.span_kind == SpanKind::Client { SpanKind::Client } else { SpanKind::Internal },
        ..empty(
            data.span_context.clone(),
            name(&data.name, SUBSEGMENT_NAME_CHARS).into_owned().into(),
            data.end_time,
            attributes,
        )
    };
    if let Status::Error { description } = &data.status {
        let said = data.events.iter().flat_map(|event| &event.attributes);
        let mut said =
            said.filter(|attribute| attribute.key.as_str() == "exception.message").map(|known| known.value.as_str());
        let text = said.next_back().unwrap_or(Cow::Borrowed(description)).into_owned();
        let text = if text.is_empty() { "the span ended with an error" } else { &text };
        let text = shortened(text, MAX_TEXT_BYTES, &mut cuts).to_owned();
        told.status = Status::error(text.clone());
        told.events.events.push(exception("Error", text.into(), data.end_time));
    }
    losses.add(Reason::Cut, cuts);
    told
}

fn exception(class: &'static str, message: StringValue, at: SystemTime) -> Event {
    let attributes = vec![KeyValue::new("exception.type", class), KeyValue::new("exception.message", message)];
    Event::new("exception", at, attributes, 0)
}

fn shortened<'t>(text: &'t str, max: usize, cuts: &mut u64) -> &'t str {
    *cuts += u64::from(text.len() > max);
    cut(text, max)
}

/// Shared while it is short enough.
fn whole(text: &Arc<str>) -> StringValue {
    if text.len() <= MAX_TEXT_BYTES { Arc::clone(text).into() } else { cut(text, MAX_TEXT_BYTES).to_owned().into() }
}

fn integer(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn context(trace: u128, span: u64, remote: bool) -> SpanContext {
    SpanContext::new(TraceId::from(trace), SpanId::from(span), TraceFlags::SAMPLED, remote, TraceState::default())
}

/// A span of which nothing is known but this.
fn empty(context: SpanContext, name: Cow<'static, str>, end_time: SystemTime, attributes: Vec<KeyValue>) -> SpanData {
    SpanData {
        span_context: context,
        parent_span_id: SpanId::INVALID,
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name,
        start_time: end_time,
        end_time,
        attributes,
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::default(),
    }
}

/// X-Ray indexes letters, digits and underscores.
fn annotation_key(key: &str) -> String {
    cut(key, MAX_KEY_BYTES).chars().map(|char| if char.is_ascii_alphanumeric() { char } else { '_' }).collect()
}
