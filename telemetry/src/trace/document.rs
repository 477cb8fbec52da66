//! OpenTelemetry's spans as X-Ray's segment documents: opentelemetry-aws translates, and what it has no word for is put right here.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use opentelemetry_aws::xray_exporter::SegmentTranslator;
use opentelemetry_sdk::trace::SpanData;

use super::{
    annotations::Granted,
    span::{self, Spans},
};
use crate::{
    config::Config,
    error::ErrorKind,
    field::unreserved,
    json::Object,
    loss::Losses,
    scope::{Finished, ForeignSpan, Scope, Span},
};

/// The translator, and what it is not told of.
#[derive(Debug)]
pub(super) struct Documents {
    spans: Spans,
    translator: SegmentTranslator,
    /// The log group as it stands in `aws`, where X-Ray looks for it; the translator puts it beside.
    log_group: Option<String>,
}

/// More than most have, so that they are written in one piece.
const USUAL_BYTES: usize = 768;

/// The beginning of a member, as often looked for as there are documents.
type Member = LazyLock<Finder<'static>>;

static TYPE: Member = LazyLock::new(|| Finder::new("\"type\":"));
static TRACE_ID: Member = LazyLock::new(|| Finder::new("\"trace_id\":"));
static PARENT_ID: Member = LazyLock::new(|| Finder::new("\"parent_id\":"));
static END_TIME: Member = LazyLock::new(|| Finder::new("\"end_time\":"));
static AWS_MEMBER: Member = LazyLock::new(|| Finder::new(AWS));
const AWS: &str = "\"aws\":{";

/// How a document stands to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A document of its own, which names its trace and its parent.
    Alone,
    /// Inside its parent's.
    Nested,
}

/// The translator would not have a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Untranslatable;

impl Documents {
    pub(super) fn new(config: &Config) -> Self {
        let log_group = config.log_group.as_deref().map(|group| {
            let mut member = String::from("\"cloudwatch_logs\":[");
            let mut object = Object::open(&mut member);
            object.text("log_group", group);
            object.close();
            member.push(']');
            member
        });
        // A clock that is off, or an id that is not X-Ray's own, is no reason to lose a document.
        let translator = SegmentTranslator::new().skip_timestamp_validation();
        let documents = Self { spans: Spans::new(config), translator, log_group };
        // The first translation compiles the translator's regular expressions: a millisecond that starting has more CPU for than an order.
        let _ = documents.translate(&documents.spans.sample());
        documents
    }

    /// Opens the document of a finished step, all but its subsegments; the caller closes it. How many texts had to be cut is added up.
    pub(super) fn open(
        &self,
        finished: &Finished,
        span: Span,
        granted: Granted,
        place: Place,
        out: &mut String,
        cuts: &mut u64,
    ) -> Result<(), Untranslatable> {
        let told = self.spans.finished(finished, span, granted, cuts);
        let mut document = self.translate(&told)?;
        if let Some(failure) = &finished.failure {
            blame(&mut document, failure.kind);
        }
        self.settle(place, &mut document);
        link(&mut document, &finished.scope);
        document.pop();
        out.push_str(&document);
        Ok(())
    }

    /// As [`Documents::open`], of a span inside a step.
    pub(super) fn open_foreign(
        &self,
        span: &ForeignSpan,
        place: Place,
        out: &mut String,
        losses: &mut Losses,
    ) -> Result<(), Untranslatable> {
        let mut told = span::foreign(span, losses);
        for attribute in &mut told.attributes {
            let key = unreserved(attribute.key.as_str(), self.spans.correlation_key());
            attribute.key = ["metadata.", &key].concat().into();
        }
        let mut document = self.translate(&told)?;
        self.settle(place, &mut document);
        document.pop();
        out.push_str(&document);
        Ok(())
    }

    fn settle(&self, place: Place, document: &mut String) {
        match place {
            Place::Alone => self.point_to_log(document),
            Place::Nested => {
                for member in [&TYPE, &TRACE_ID, &PARENT_ID] {
                    remove(document, member);
                }
            }
        }
    }

    /// The document of an open step: its complete one, should there ever be one, replaces this.
    pub(super) fn in_progress(&self, scope: &Scope, span: Span, out: &mut String) -> Result<(), Untranslatable> {
        let mut document = self.translate(&self.spans.open(scope, span))?;
        if let Some((start, end)) = extent(&document, &END_TIME) {
            document.replace_range(start..end, "\"in_progress\":true");
        }
        self.point_to_log(&mut document);
        out.push_str(&document);
        Ok(())
    }

    fn translate(&self, span: &SpanData) -> Result<String, Untranslatable> {
        let document = self.translator.translate_spans(std::slice::from_ref(span)).pop().ok_or(Untranslatable)?;
        let mut text = Vec::with_capacity(USUAL_BYTES);
        document.to_writer(&mut text);
        String::from_utf8(text).ok().filter(|text| text.ends_with('}')).ok_or(Untranslatable)
    }

    fn point_to_log(&self, document: &mut String) {
        let Some(group) = &self.log_group else {
            return;
        };
        // A quote inside a text is escaped, so the key looked for is the document's own.
        if let Some(at) = AWS_MEMBER.find(document.as_bytes()) {
            document.insert_str(at + AWS.len(), &[group, ","].concat());
        } else {
            document.pop();
            document.push_str(&[",", AWS, group, "}}"].concat());
        }
    }
}

/// Says whose fault it was as X-Ray does; the translator goes by HTTP's status alone.
fn blame(document: &mut String, kind: ErrorKind) {
    let Some(mut cause) = document.find("\"cause\":") else {
        return;
    };
    for flag in ["\"fault\":true,", "\"error\":true,", "\"throttle\":true,"] {
        if let Some(at) = document[..cause].find(flag) {
            document.replace_range(at..at + flag.len(), "");
            cause -= flag.len();
        }
    }
    document.insert_str(
        cause,
        match kind {
            ErrorKind::Fault => "\"fault\":true,",
            ErrorKind::Rejected => "\"error\":true,",
            ErrorKind::Throttled => "\"error\":true,\"throttle\":true,",
        },
    );
}

/// Adds the traces that this one goes on, for which the translator has no word.
fn link(document: &mut String, scope: &Scope) {
    let data = scope.data();
    let client = scope.unit.client.get().filter(|_| scope.root);
    if data.links.is_empty() && client.is_none() {
        return;
    }
    document.pop();
    let mut separator = ",\"links\":[";
    for (trace, id) in data.links.iter().chain(client) {
        document.push_str(separator);
        separator = ",";
        let mut link = Object::open(document);
        link.text("trace_id", &trace.xray());
        link.text("id", &id.hex());
        link.close();
    }
    document.push_str("]}");
}

/// Removes a member with a plain value, which is not the last one.
fn remove(document: &mut String, member: &Member) {
    if let Some((start, end)) = extent(document, member) {
        let end = end + usize::from(document[end..].starts_with(','));
        document.replace_range(start..end, "");
    }
}

/// Where a member with a plain value begins and ends.
fn extent(document: &str, member: &Member) -> Option<(usize, usize)> {
    let start = member.find(document.as_bytes())?;
    let value = start + member.needle().len();
    let length = memchr::memchr2(b',', b'}', &document.as_bytes()[value..])?;
    Some((start, value + length))
}

#[cfg(test)]
mod tests;
