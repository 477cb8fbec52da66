//! A segment or subsegment, as the rest of the service reads it.

use serde_json::{Map, Value};

/// What a span was sent as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    /// Work of a service: a node of the service map.
    Segment,
    /// A step or a call inside a segment.
    Subsegment,
}

/// One entry of `cause.exceptions`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// The exception's own id.
    pub id: Option<String>,
    /// Its type.
    pub kind: Option<String>,
    /// Its message.
    pub message: Option<String>,
}

/// One segment or subsegment without what is embedded in it.
#[derive(Debug, Clone)]
pub struct Span {
    /// 16 hexadecimal digits, unique in its trace.
    pub id: String,
    /// The enclosing span, or the caller's.
    pub parent_id: Option<String>,
    /// Segment or subsegment.
    pub kind: SpanKind,
    /// Logical name.
    pub name: String,
    /// Epoch seconds.
    pub start: f64,
    /// Epoch seconds; none while in progress.
    pub end: Option<f64>,
    /// The server failed (5xx).
    pub fault: bool,
    /// The request was wrong (4xx).
    pub error: bool,
    /// The request was throttled (429).
    pub throttle: bool,
    body: Map<String, Value>,
}

impl Span {
    pub(super) fn new(
        id: String,
        parent_id: Option<String>,
        kind: SpanKind,
        name: String,
        start: f64,
        end: Option<f64>,
        body: Map<String, Value>,
    ) -> Self {
        let flag = |field: &str| body.get(field) == Some(&Value::Bool(true));
        Self {
            id,
            parent_id,
            kind,
            name,
            start,
            end,
            fault: flag("fault"),
            error: flag("error"),
            throttle: flag("throttle"),
            body,
        }
    }

    /// The segment X-Ray infers for the callee of this subsegment.
    pub(crate) fn infer(&self, id: String, origin: Option<&str>) -> Self {
        let mut body = Map::new();
        body.insert("id".to_owned(), Value::from(id.as_str()));
        for field in
            ["name", "start_time", "end_time", "in_progress", "http", "aws", "fault", "error", "throttle", "cause"]
        {
            if let Some(value) = self.body.get(field) {
                body.insert(field.to_owned(), value.clone());
            }
        }
        body.insert("inferred".to_owned(), Value::Bool(true));
        if let Some(origin) = origin {
            body.insert("origin".to_owned(), Value::from(origin));
        }
        Self::new(id, Some(self.id.clone()), SpanKind::Segment, self.name.clone(), self.start, self.end, body)
    }

    /// Not ended yet.
    pub fn in_progress(&self) -> bool {
        self.end.is_none()
    }

    /// Seconds from start to end, never negative; none while in progress.
    pub fn duration(&self) -> Option<f64> {
        self.end.map(|end| (end - self.start).max(0.0))
    }

    /// None of fault, error, throttle.
    pub fn ok(&self) -> bool {
        !(self.fault || self.error || self.throttle)
    }

    /// The cleaned document, without `subsegments`, `trace_id`, `parent_id` and `type`.
    pub fn body(&self) -> &Map<String, Value> {
        &self.body
    }

    /// A text field by path, for example `["http", "request", "url"]`.
    pub fn text(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.as_str()
    }

    /// A field by path.
    pub fn at(&self, path: &[&str]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.body.get(*first)?, |value, key| value.get(key))
    }

    /// `aws` or `remote` for a call to another service.
    pub fn namespace(&self) -> Option<&str> {
        self.text(&["namespace"])
    }

    /// The annotations, each value a string, number or boolean.
    pub fn annotations(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.body
            .get("annotations")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.as_str(), value))
    }

    /// The exceptions told in `cause`; none if the cause is only a reference (see [`Span::cause_reference`]).
    pub fn exceptions(&self) -> Vec<Exception> {
        let text = |value: &Value, field: &str| value.get(field).and_then(Value::as_str).map(str::to_owned);
        self.at(&["cause", "exceptions"])
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(|exception| Exception {
                id: text(exception, "id"),
                kind: text(exception, "type"),
                message: text(exception, "message"),
            })
            .collect()
    }

    /// The id of an exception told elsewhere in the trace.
    pub fn cause_reference(&self) -> Option<&str> {
        self.text(&["cause"])
    }
}
