//! One segment document: read, judged by AWS's published rules, cleaned, and cut into spans.
//!
//! A broken required field rejects the document (as `UnprocessedTraceSegments` tells the sender). An optional
//! field that breaks the schema is removed and counted, which is what X-Ray says it does when it compiles a trace.

mod clean;
mod ids;
mod span;

pub(crate) use ids::inferred_id;
pub use ids::{is_segment_id, is_trace_id};
use serde_json::{Map, Value};
pub use span::{Exception, Span, SpanKind};

/// Largest segment document, in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 64 * 1024;
const MAX_SEGMENT_NAME: usize = 200;
const MAX_TEXT: usize = 250;
/// Deeper than any real call stack of steps, and shallow enough never to exhaust ours.
const MAX_DEPTH: usize = 64;

/// Why a document was refused; the shape of an entry of `UnprocessedTraceSegments`.
///
/// `MissingId`, `MissingEndTime`, `InvalidName`, `InvalidTraceId` and `ParseError` are codes that AWS has been seen to
/// answer. The others follow their pattern, because AWS publishes no list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Invalid {subject}. ErrorCode: {code}, Cause: {cause}")]
pub struct Rejection {
    /// The document's id, when it could be read.
    pub id: Option<String>,
    /// The error code.
    pub code: &'static str,
    /// `segment` or `subsegment`.
    pub subject: &'static str,
    /// What is wrong, in words.
    pub cause: String,
}

/// A document that passed.
#[derive(Debug)]
pub struct Document {
    /// The trace it belongs to.
    pub trace_id: String,
    /// The (sub)segment itself first, then everything embedded in it.
    pub spans: Vec<Span>,
    /// Optional fields that broke the schema and were removed.
    pub removed_fields: usize,
    /// Length of the text it came from.
    pub bytes: usize,
}

/// Reads the documents in one text: a segment, a subsegment, or an array of them.
pub fn parse(text: &str) -> Vec<Result<Document, Rejection>> {
    let reject = |code, cause: String| vec![Err(Rejection { id: None, code, subject: "segment", cause })];
    if text.len() > MAX_DOCUMENT_BYTES {
        let cause = format!("{} bytes, the limit is {MAX_DOCUMENT_BYTES}", text.len());
        return reject("DocumentTooLarge", cause);
    }
    match serde_json::from_str::<Value>(text) {
        Err(error) => reject("ParseError", error.to_string()),
        Ok(Value::Object(body)) => vec![read(body, text.len())],
        Ok(Value::Array(items)) if items.is_empty() => reject("MissingId", "an empty array".to_owned()),
        Ok(Value::Array(items)) => {
            let share = text.len() / items.len();
            items
                .into_iter()
                .map(|item| match item {
                    Value::Object(body) => read(body, share),
                    _ => Err(Rejection {
                        id: None,
                        code: "ParseError",
                        subject: "segment",
                        cause: "an array element is not an object".to_owned(),
                    }),
                })
                .collect()
        }
        Ok(_) => reject("ParseError", "not a JSON object".to_owned()),
    }
}

/// Reads a document that is already JSON.
pub fn read(body: Map<String, Value>, bytes: usize) -> Result<Document, Rejection> {
    let independent = body.get("type").and_then(Value::as_str) == Some("subsegment");
    let subject = if independent { "subsegment" } else { "segment" };
    let id = body.get("id").and_then(Value::as_str).map(str::to_owned);
    let reject = |code: &'static str, cause: String| Rejection { id: id.clone(), code, subject, cause };

    let trace_id = match body.get("trace_id") {
        None => return Err(reject("MissingTraceId", "trace_id is missing".to_owned())),
        Some(value) => match value.as_str().filter(|text| is_trace_id(text)) {
            Some(text) => text.to_owned(),
            None => {
                let cause = format!("trace_id {value} is not 1-<8 hex digits>-<24 hex digits>");
                return Err(reject("InvalidTraceId", cause));
            }
        },
    };
    if independent && !body.contains_key("parent_id") {
        let cause = "a subsegment sent alone needs parent_id".to_owned();
        return Err(reject("MissingParentId", cause));
    }

    let mut reader = Reader { spans: Vec::new(), removed: 0 };
    let kind = if independent { SpanKind::Subsegment } else { SpanKind::Segment };
    match reader.span(body, kind, None, 0) {
        Ok(()) => Ok(Document { trace_id, spans: reader.spans, removed_fields: reader.removed, bytes }),
        Err(mut rejection) => {
            rejection.id = id.clone();
            Err(rejection)
        }
    }
}

struct Reader {
    spans: Vec<Span>,
    removed: usize,
}

impl Reader {
    fn span(
        &mut self,
        mut body: Map<String, Value>,
        kind: SpanKind,
        enclosing: Option<&str>,
        depth: usize,
    ) -> Result<(), Rejection> {
        let subject = match kind {
            SpanKind::Segment => "segment",
            SpanKind::Subsegment => "subsegment",
        };
        let reject = |code: &'static str, cause: String| Rejection { id: None, code, subject, cause };
        if depth > MAX_DEPTH {
            let cause = format!("more than {MAX_DEPTH} levels of subsegments");
            return Err(reject("InvalidSubsegments", cause));
        }

        let id = required_text(&body, "id", "MissingId", "InvalidId", reject)?;
        if !is_segment_id(&id) {
            let cause = format!("id {id:?} is not 16 hexadecimal digits");
            return Err(reject("InvalidId", cause));
        }
        let name = required_text(&body, "name", "MissingName", "InvalidName", reject)?;
        let longest = match kind {
            SpanKind::Segment => MAX_SEGMENT_NAME,
            SpanKind::Subsegment => MAX_TEXT,
        };
        check_name(&name, longest).map_err(|cause| reject("InvalidName", cause))?;

        let parent_id = match (enclosing, body.get("parent_id")) {
            (Some(parent), _) => Some(parent.to_owned()),
            (None, None | Some(Value::Null)) => None,
            (None, Some(value)) => match value.as_str().filter(|text| is_segment_id(text)) {
                Some(parent) => Some(parent.to_owned()),
                None => {
                    let cause = format!("parent_id {value} is not 16 hexadecimal digits");
                    return Err(reject("InvalidParentId", cause));
                }
            },
        };

        let start = seconds(&body, "start_time")
            .map_err(|cause| reject("InvalidStartTime", cause))?
            .ok_or_else(|| reject("MissingStartTime", "start_time is missing".to_owned()))?;
        let end = seconds(&body, "end_time").map_err(|cause| reject("InvalidEndTime", cause))?;
        let in_progress = body.get("in_progress") == Some(&Value::Bool(true));
        match (end, in_progress) {
            (None, false) => {
                let cause = "neither end_time nor in_progress: true".to_owned();
                return Err(reject("MissingEndTime", cause));
            }
            (Some(_), true) => {
                let cause = "both end_time and in_progress: true".to_owned();
                return Err(reject("InvalidInProgress", cause));
            }
            _ => {}
        }

        let children = match body.remove("subsegments") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(items)) => items,
            Some(_) => {
                let cause = "subsegments is not an array".to_owned();
                return Err(reject("InvalidSubsegments", cause));
            }
        };
        self.removed += clean::clean(&mut body, kind);
        self.spans.push(Span::new(id.clone(), parent_id, kind, name, start, end, body));
        for child in children {
            match child {
                Value::Object(child) => {
                    self.span(child, SpanKind::Subsegment, Some(&id), depth + 1)?;
                }
                _ => {
                    let cause = "an element of subsegments is not an object".to_owned();
                    return Err(reject("InvalidSubsegments", cause));
                }
            }
        }
        Ok(())
    }
}

fn required_text(
    body: &Map<String, Value>,
    field: &str,
    missing: &'static str,
    invalid: &'static str,
    reject: impl Fn(&'static str, String) -> Rejection,
) -> Result<String, Rejection> {
    match body.get(field) {
        None | Some(Value::Null) => Err(reject(missing, format!("{field} is missing"))),
        Some(Value::String(text)) if text.is_empty() => Err(reject(missing, format!("{field} is empty"))),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(reject(invalid, format!("{field} is not a string"))),
    }
}

fn check_name(name: &str, longest: usize) -> Result<(), String> {
    let length = name.chars().count();
    if length > longest {
        return Err(format!("the name has {length} characters, the limit is {longest}"));
    }
    let allowed = |c: char| c.is_alphanumeric() || c.is_whitespace() || "_.:/%&#=+\\-@".contains(c);
    match name.chars().find(|&c| !allowed(c)) {
        Some(c) => Err(format!("the name {name:?} contains {c:?}")),
        None => Ok(()),
    }
}

fn seconds(body: &Map<String, Value>, field: &str) -> Result<Option<f64>, String> {
    match body.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_f64().filter(|s| s.is_finite() && *s >= 0.0) {
            Some(seconds) => Ok(Some(seconds)),
            None => Err(format!("{field} {value} is not a number of epoch seconds")),
        },
    }
}

#[cfg(test)]
mod tests;
