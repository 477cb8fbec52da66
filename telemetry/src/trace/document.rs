//! The guards around opentelemetry-aws' translator: what it would refuse is mended first, what grows too big is cut down.

use opentelemetry::trace::{SpanKind, Status};
use opentelemetry::{Array, KeyValue, StringValue, Value};
use opentelemetry_aws::xray_exporter::SegmentTranslator;
use opentelemetry_sdk::trace::SpanData;

use super::attribute::KIND;
use super::client::MAX_DOCUMENT_BYTES;
use super::sanitize::{SEGMENT_NAME_CHARS, SUBSEGMENT_NAME_CHARS, cut, name};
use crate::propagate::xray_trace_id;

/// Traces one document may link to.
pub(crate) const MAX_LINKS: usize = 20;
/// What is left of a text in a document that was too big.
const CUT_TEXT_BYTES: usize = 1024;

/// Spans to segment documents, none lost for its neighbours' or its own faults.
#[derive(Debug)]
pub struct Documents {
    translator: SegmentTranslator,
    /// Last resort of a document that stays too big: what says how it ended.
    essential: [String; 4],
}

/// Why a span could not become a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Even without its attributes the translator would not have it.
    Untranslatable,
    /// Even without its attributes it is over the limit.
    TooLarge,
}

impl Documents {
    /// A translator for documents that point to `log_group` and are found by `correlation_key`.
    #[must_use]
    pub fn new(log_group: Option<&str>, correlation_key: &str) -> Self {
        // A clock that is off, or an id that is not X-Ray's own, is no reason to lose a document.
        let mut translator = SegmentTranslator::new().skip_timestamp_validation();
        if let Some(group) = log_group {
            translator = translator.with_log_group_name(group.to_owned());
        }
        Self {
            translator,
            essential: ["step", "outcome", "errorClass", correlation_key].map(|key| format!("annotation.{key}")),
        }
    }

    /// Translates one span; `in_progress` writes an open span's document.
    pub(crate) fn document(&self, mut span: SpanData, in_progress: bool) -> Result<String, Refused> {
        mend(&mut span);
        let document = self.translate(&span, in_progress);
        match document {
            Some(document) if document.len() <= MAX_DOCUMENT_BYTES => return Ok(document),
            Some(_) => {}
            // One attribute may have been the reason.
            None => {
                return self.essentials(span, in_progress).ok_or(Refused::Untranslatable);
            }
        }
        cut_down(&mut span);
        if let Some(document) = self.translate(&span, in_progress).filter(|document| fits(document)) {
            return Ok(document);
        }
        self.essentials(span, in_progress).filter(|document| fits(document)).ok_or(Refused::TooLarge)
    }

    fn essentials(&self, mut span: SpanData, in_progress: bool) -> Option<String> {
        cut_down(&mut span);
        span.attributes.retain(|attribute| {
            let key = attribute.key.as_str();
            key == KIND || self.essential.iter().any(|essential| essential == key)
        });
        span.links.links.clear();
        // The last exception is the one that ended the step.
        let last = span.events.events.pop();
        span.events.events.clear();
        span.events.events.extend(last);
        self.translate(&span, in_progress)
    }

    fn translate(&self, span: &SpanData, in_progress: bool) -> Option<String> {
        let document = self.translator.translate_spans(std::slice::from_ref(span)).pop()?.to_string();
        Some(adapt(document, span, in_progress))
    }
}

fn fits(document: &str) -> bool {
    document.len() <= MAX_DOCUMENT_BYTES
}

/// Cures what makes the translator refuse a span.
fn mend(span: &mut SpanData) {
    let max = if span.span_kind == SpanKind::Server { SEGMENT_NAME_CHARS } else { SUBSEGMENT_NAME_CHARS };
    if let std::borrow::Cow::Owned(clean) = name(&span.name, max) {
        span.name = clean.into();
    }
    for attribute in &mut span.attributes {
        if matches!(
            attribute.key.as_str(),
            "service.name" | "rpc.service" | "aws.service" | "peer.service" | "db.service"
        ) && let Value::String(text) = &attribute.value
            && let std::borrow::Cow::Owned(clean) = name(text.as_str(), max)
        {
            attribute.value = clean.into();
        }
    }
    // A cause without the status refuses the whole document.
    let exception = span.events.iter().any(|event| event.name == "exception");
    if exception && !matches!(span.status, Status::Error { .. }) {
        span.status = Status::error("");
    }
    // A fault without a cause says nothing.
    if let Status::Error { description } = &span.status
        && !exception
    {
        let attributes = vec![KeyValue::new("exception.message", description.clone().into_owned())];
        span.events.events.push(opentelemetry::trace::Event::new("exception", span.end_time, attributes, 0));
    }
}

/// Metadata goes, texts are cut; outcome, cause and annotations stay.
fn cut_down(span: &mut SpanData) {
    span.attributes.retain(|attribute| !attribute.key.as_str().starts_with("metadata."));
    for attribute in &mut span.attributes {
        cut_value(&mut attribute.value);
    }
    span.events.events.retain(|event| event.name == "exception");
    for event in &mut span.events.events {
        event.attributes.retain(|attribute| attribute.key.as_str() != "exception.stacktrace");
        for attribute in &mut event.attributes {
            cut_value(&mut attribute.value);
        }
    }
    if let Status::Error { description } = &mut span.status {
        *description = cut(description, CUT_TEXT_BYTES).to_owned().into();
    }
    span.attributes.push(KeyValue::new("metadata.truncated", true));
}

fn cut_value(value: &mut Value) {
    match value {
        Value::String(text) if text.as_str().len() > CUT_TEXT_BYTES => {
            *value = cut(text.as_str(), CUT_TEXT_BYTES).to_owned().into();
        }
        Value::Array(Array::String(texts)) => {
            texts.truncate(MAX_LINKS);
            for text in texts {
                *text = StringValue::from(cut(text.as_str(), CUT_TEXT_BYTES).to_owned());
            }
        }
        _ => {}
    }
}

/// Adds what the translator has no word for. A quote inside a text is escaped, so the keys looked for are the document's own.
fn adapt(mut document: String, span: &SpanData, in_progress: bool) -> String {
    if in_progress && let Some((start, end)) = member(&document, "\"end_time\":") {
        document.replace_range(start..end, "\"in_progress\":true");
    }
    let kind = span.attributes.iter().find(|attribute| attribute.key.as_str() == KIND);
    if let Some(KeyValue { value: Value::String(kind), .. }) = kind
        && let Some((start, end)) = member(&document, "\"fault\":")
    {
        match kind.as_str() {
            "rejected" => document.replace_range(start..end, "\"error\":true"),
            "throttled" => document.replace_range(start..end, "\"error\":true,\"throttle\":true"),
            _ => {}
        }
    }
    if !span.links.is_empty() && document.ends_with('}') {
        document.pop();
        document.push_str(",\"links\":[");
        for (at, link) in span.links.iter().take(MAX_LINKS).enumerate() {
            let comma = if at == 0 { "" } else { "," };
            let (trace, id) = (xray_trace_id(link.span_context.trace_id()), link.span_context.span_id());
            document.push_str(&format!("{comma}{{\"trace_id\":\"{trace}\",\"id\":\"{id}\"}}"));
        }
        document.push_str("]}");
    }
    document
}

/// Where a member with a plain value begins and ends.
fn member(document: &str, key: &str) -> Option<(usize, usize)> {
    let start = document.find(key)?;
    let length = document[start + key.len()..].find([',', '}'])?;
    Some((start, start + key.len() + length))
}

#[cfg(test)]
mod tests;
