//! X-Ray's segment documents, written from what a step has told.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::annotations::{Granted, wanted};
use crate::call::{AwsCall, AwsResponse, Resource};
use crate::config::Config;
use crate::error::{ErrorKind, Failure};
use crate::field::Value;
use crate::json::{Object, integer, string};
use crate::scope::{Data, Finished, Scope, Span, random_span_id};
use crate::text::{SEGMENT_NAME_CHARS, SUBSEGMENT_NAME_CHARS, cut, name};

/// The longest text in a document: what X-Ray takes of an annotation.
const MAX_TEXT_BYTES: usize = 1000;
/// The longest key, likewise.
const MAX_KEY_BYTES: usize = 500;

/// What every document of a process has in common.
#[derive(Debug)]
pub(super) struct Documents {
    service: String,
    log_group: Option<String>,
    correlation_key: String,
}

/// How a document stands to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A document of its own, which names its trace and its parent.
    Alone,
    /// Inside its parent's.
    Nested,
}

impl Documents {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            service: config.service.clone(),
            log_group: config.log_group.clone(),
            correlation_key: annotation_key(config.correlation_key),
        }
    }

    /// Opens the document of a finished step, all but its subsegments; the caller closes it. How many texts had to be cut is added up.
    pub(super) fn open<'o>(
        &self,
        finished: &Finished,
        span: Span,
        granted: Granted,
        place: Place,
        out: &'o mut String,
        cuts: &mut u64,
    ) -> Object<'o> {
        let scope = &finished.scope;
        let data = scope.data();
        let mut document = Object::open(out);
        self.head(&mut document, scope, data.call.as_ref(), span, place);
        seconds(document.key("end_time"), scope.started_at() + finished.duration);
        if let Some(status) = data.response.status {
            let mut http = document.object("http");
            let mut response = http.object("response");
            response.count("status", status.into());
            response.close();
            http.close();
        }
        self.aws(&mut document, data.call.as_ref(), data.response, place);
        if let Some(failure) = &finished.failure {
            fail(&mut document, failure, data.call.is_some());
        }
        self.annotations(&mut document, finished, &data, granted);
        self.metadata(&mut document, finished, &data, granted, cuts);
        if !data.links.is_empty() {
            let links = document.key("links");
            let mut separator = '[';
            for (trace, id) in &data.links {
                links.push(separator);
                separator = ',';
                let mut link = Object::open(links);
                link.text("trace_id", &trace.xray());
                link.text("id", &id.hex());
                link.close();
            }
            links.push(']');
        }
        document
    }

    /// The document of an open step: its complete one, should there ever be one, replaces this.
    pub(super) fn in_progress(&self, scope: &Scope, span: Span, out: &mut String) {
        let data = scope.data();
        let mut document = Object::open(out);
        self.head(&mut document, scope, data.call.as_ref(), span, Place::Alone);
        document.bool("in_progress", true);
        self.aws(&mut document, data.call.as_ref(), AwsResponse::default(), Place::Alone);
        let mut metadata = document.object("metadata");
        metadata.text("step", cut(scope.name, MAX_TEXT_BYTES));
        metadata.close();
        document.close();
    }

    fn head(&self, document: &mut Object<'_>, scope: &Scope, call: Option<&AwsCall>, span: Span, place: Place) {
        let segment = scope.is_segment();
        let called = match call {
            // X-Ray draws a function by its name and an AWS service by its own.
            _ if segment => &self.service,
            Some(call) => call.service,
            None => scope.name,
        };
        document.text("name", &name(called, if segment { SEGMENT_NAME_CHARS } else { SUBSEGMENT_NAME_CHARS }));
        document.text("id", &span.id.hex());
        if place == Place::Alone {
            if !segment {
                document.text("type", "subsegment");
            }
            if let Some(trace) = &scope.unit.trace_id {
                document.text("trace_id", trace);
            }
            if let Some(parent) = span.parent {
                document.text("parent_id", &parent.hex());
            }
        }
        seconds(document.key("start_time"), scope.started_at());
        if segment {
            document.text("origin", "AWS::Lambda::Function");
        }
        if call.is_some() {
            document.text("namespace", "aws");
        }
    }

    fn aws(&self, document: &mut Object<'_>, call: Option<&AwsCall>, response: AwsResponse, place: Place) {
        // What a document inside another would only repeat.
        let log_group = self.log_group.as_deref().filter(|_| place == Place::Alone);
        if call.is_none() && log_group.is_none() {
            return;
        }
        let mut aws = document.object("aws");
        if let Some(call) = call {
            aws.text("operation", cut(call.operation, MAX_TEXT_BYTES));
            match &call.resource {
                Some(Resource::Queue(url)) => aws.text("queue_url", cut(url, MAX_TEXT_BYTES)),
                Some(Resource::Table(name)) => aws.text("table_name", cut(name, MAX_TEXT_BYTES)),
                None => {}
            }
            if let Some(id) = &response.request_id {
                aws.text("request_id", id.as_str());
            }
        }
        if let Some(group) = log_group {
            let groups = aws.key("cloudwatch_logs");
            groups.push('[');
            let mut object = Object::open(groups);
            object.text("log_group", group);
            object.close();
            groups.push(']');
        }
        aws.close();
    }

    fn annotations(&self, document: &mut Object<'_>, finished: &Finished, data: &Data, granted: Granted) {
        let correlation = finished.scope.unit.correlation.get().filter(|_| granted.correlation);
        if granted.own == 0 && correlation.is_none() {
            return;
        }
        let mut annotations = document.object("annotations");
        if let Some(id) = correlation {
            annotations.text(&self.correlation_key, id.as_str());
        }
        for (key, text) in wanted(finished, data).take(granted.own) {
            annotations.text(key, cut(text, MAX_TEXT_BYTES));
        }
        annotations.close();
    }

    /// What the trace has no annotation left for comes here, too.
    fn metadata(&self, document: &mut Object<'_>, finished: &Finished, data: &Data, granted: Granted, cuts: &mut u64) {
        let (unit, ours) = (&finished.scope.unit, self.correlation_key.as_str());
        let mut metadata = document.object("metadata");
        if let Some(id) = unit.correlation.get().filter(|_| !granted.correlation) {
            metadata.text(&self.correlation_key, id.as_str());
        }
        for (key, text) in wanted(finished, data).skip(granted.own) {
            metadata.text(key, cut(text, MAX_TEXT_BYTES));
        }
        if let Some(id) = finished.scope.journal.request_id.as_deref() {
            metadata.text("requestId", id);
        }
        if data.call.is_some() {
            metadata.count("retries", data.response.retries.unwrap_or(0));
        }
        if let Some(wait) = data.queue_wait {
            metadata.millis("queueWaitMs", wait);
        }
        if let Some(code) = finished.failure.and_then(|failure| failure.code) {
            metadata.text("errorCode", code.as_str());
        }
        if finished.scope.root && !finished.scope.is_segment() && finished.scope.journal.cold {
            metadata.bool("coldStart", true);
        }
        for (key, value) in &data.fields {
            let key = shortened(key, MAX_KEY_BYTES, cuts);
            match value {
                Value::Static(text) => {
                    metadata.fields(&[(key, Value::Static(shortened(text, MAX_TEXT_BYTES, cuts)))], ours)
                }
                value => metadata.fields(&[(key, *value)], ours),
            }
        }
        if !data.links.is_empty() {
            metadata.count("producerTraces", data.links_seen);
            let ids = metadata.key("producerTraceIds");
            let mut separator = '[';
            for (trace, _) in &data.links {
                ids.push(separator);
                separator = ',';
                string(&trace.xray(), ids);
            }
            ids.push(']');
        }
        metadata.close();
    }
}

fn shortened(text: &'static str, max: usize, cuts: &mut u64) -> &'static str {
    *cuts += u64::from(text.len() > max);
    cut(text, max)
}

fn fail(document: &mut Object<'_>, failure: &Failure, remote: bool) {
    match failure.kind {
        ErrorKind::Rejected => document.bool("error", true),
        ErrorKind::Throttled => {
            document.bool("error", true);
            document.bool("throttle", true);
        }
        ErrorKind::Fault => document.bool("fault", true),
    }
    let mut cause = document.object("cause");
    let exceptions = cause.key("exceptions");
    exceptions.push('[');
    let mut exception = Object::open(exceptions);
    exception.text("id", &random_span_id().hex());
    exception.text("type", cut(failure.class, MAX_TEXT_BYTES));
    exception.text("message", cut(failure.message(), MAX_TEXT_BYTES));
    if remote {
        exception.bool("remote", true);
    }
    exception.close();
    exceptions.push(']');
    cause.close();
}

/// X-Ray indexes letters, digits and underscores.
fn annotation_key(key: &str) -> String {
    cut(key, MAX_KEY_BYTES).chars().map(|char| if char.is_ascii_alphanumeric() { char } else { '_' }).collect()
}

/// Seconds since 1970, to the microsecond.
fn seconds(out: &mut String, at: SystemTime) {
    let since: Duration = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    integer(since.as_secs(), out);
    out.push('.');
    let micros = since.subsec_micros();
    let mut divisor = 100_000;
    while divisor > 0 {
        out.push(char::from(b'0' + (micros / divisor % 10) as u8));
        divisor /= 10;
    }
}

#[cfg(test)]
mod tests;
