//! Builds the tree out of segment documents.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    Error, marks,
    model::{Kind, Outcome, Span, Trace},
};

/// Chains of callers longer than this are drawn flat: nobody reads them, and the stack is finite.
const MAX_DEPTH: usize = 100;

#[derive(Deserialize)]
struct Document {
    id: String,
    name: String,
    trace_id: Option<String>,
    parent_id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    start_time: f64,
    end_time: Option<f64>,
    origin: Option<String>,
    #[serde(default)]
    fault: bool,
    #[serde(default)]
    error: bool,
    #[serde(default)]
    throttle: bool,
    #[serde(default)]
    inferred: bool,
    #[serde(default)]
    http: Value,
    #[serde(default)]
    aws: Value,
    #[serde(default)]
    cause: Value,
    #[serde(default)]
    metadata: Value,
    #[serde(default)]
    annotations: Map<String, Value>,
    #[serde(default)]
    subsegments: Vec<Document>,
}

/// A span with the id of its parent, before it hangs there.
struct Loose {
    span: Span,
    parent_id: Option<String>,
    start_time: f64,
}

impl Trace {
    /// Builds the tree of a trace from the documents of its segments, as BatchGetTraces returns them.
    ///
    /// # Errors
    /// [`Error::Empty`] without documents, [`Error::Document`] for one that is not a segment document.
    pub fn from_documents<I>(documents: I) -> Result<Self, Error>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut trace_id = String::new();
        let mut loose = Vec::new();
        let mut exceptions = HashMap::new();
        for (index, text) in documents.into_iter().enumerate() {
            let document: Document =
                serde_json::from_str(text.as_ref()).map_err(|source| Error::Document { index, source })?;
            if let Some(id) = &document.trace_id {
                trace_id.clone_from(id);
            }
            let kind = match document.kind.as_deref() {
                Some("subsegment") => Kind::Subsegment,
                _ => Kind::Segment,
            };
            loosen(document, kind, None, &mut loose, &mut exceptions);
        }
        let start_time = loose.iter().map(|l| l.start_time).reduce(f64::min).ok_or(Error::Empty)?;
        for each in &mut loose {
            each.span.start_ms = (each.start_time - start_time) * 1000.0;
            // A cause may be the id of an exception told elsewhere in the trace.
            for cause in &mut each.span.causes {
                if let Some(told) = exceptions.get(cause.as_str()) {
                    cause.clone_from(told);
                }
            }
        }
        let duration_ms =
            loose.iter().map(|l| l.span.start_ms + l.span.duration_ms.unwrap_or_default()).fold(0.0, f64::max);

        let mut roots = assemble(loose);
        marks::mark(&mut roots);
        Ok(Self {
            trace_id,
            start_time,
            duration_ms,
            outcome: roots.first().map_or(Outcome::Ok, |root| root.outcome),
            roots,
            logs: Vec::new(),
            rest: None,
        })
    }
}

fn loosen(
    mut document: Document,
    kind: Kind,
    enclosing: Option<&str>,
    loose: &mut Vec<Loose>,
    exceptions: &mut HashMap<String, String>,
) {
    for child in std::mem::take(&mut document.subsegments) {
        loosen(child, Kind::Subsegment, Some(&document.id), loose, exceptions);
    }
    let outcome = match &document {
        d if d.fault => Outcome::Fault,
        d if d.throttle => Outcome::Throttle,
        d if d.error => Outcome::Error,
        d if d.end_time.is_none() => Outcome::InProgress,
        _ => Outcome::Ok,
    };
    let text = |field: &str| document.aws.get(field).and_then(Value::as_str).map(str::to_owned);
    let resource =
        ["table_name", "queue_url", "topic_arn", "bucket_name", "function_name"].iter().find_map(|field| text(field));
    let span = Span {
        kind,
        start_ms: 0.0,
        duration_ms: document.end_time.map(|end| ((end - document.start_time) * 1000.0).max(0.0)),
        outcome,
        causes: causes(&document.cause, exceptions),
        http_status: document.http.pointer("/response/status").and_then(Value::as_i64),
        operation: text("operation"),
        resource,
        origin: document.origin,
        annotations: document.annotations,
        inferred: document.inferred,
        supplied: document.metadata.pointer("/local/writtenBy").is_some(),
        attempt: None,
        dead_letter: false,
        children: Vec::new(),
        logs: Vec::new(),
        name: document.name,
        id: document.id,
    };
    loose.push(Loose {
        span,
        parent_id: enclosing.map(str::to_owned).or(document.parent_id),
        start_time: document.start_time,
    });
}

fn causes(cause: &Value, told: &mut HashMap<String, String>) -> Vec<String> {
    if let Some(reference) = cause.as_str() {
        return vec![reference.to_owned()];
    }
    let exceptions = cause.get("exceptions").and_then(Value::as_array);
    exceptions
        .into_iter()
        .flatten()
        .filter_map(|exception| {
            let text = |field: &str| exception.get(field).and_then(Value::as_str);
            let cause = match (text("type"), text("message")) {
                (Some(kind), Some(message)) => format!("{kind}: {message}"),
                (Some(one), None) | (None, Some(one)) => one.to_owned(),
                (None, None) => return None,
            };
            if let Some(id) = text("id") {
                told.insert(id.to_owned(), cause.clone());
            }
            Some(cause)
        })
        .collect()
}

/// Hangs every span on its parent; those without one are the roots.
fn assemble(mut loose: Vec<Loose>) -> Vec<Span> {
    // By start, so that children come in order; a document read twice counts once.
    loose.sort_by(|a, b| a.start_time.total_cmp(&b.start_time));
    let mut index: HashMap<String, usize> = HashMap::new();
    loose.retain(|each| {
        let next = index.len();
        let new = !index.contains_key(&each.span.id);
        index.entry(each.span.id.clone()).or_insert(next);
        new
    });

    let mut children = vec![Vec::new(); loose.len()];
    let mut roots = Vec::new();
    for (own, each) in loose.iter().enumerate() {
        match each.parent_id.as_ref().and_then(|id| index.get(id)) {
            Some(&parent) if parent != own => children[parent].push(own),
            _ => roots.push(own),
        }
    }
    // Depth first from the roots; what is in a ring of parents is reached from none, and becomes a root itself.
    let mut placed = vec![false; loose.len()];
    let mut order: Vec<(usize, usize)> = Vec::with_capacity(loose.len());
    let mut rest = 0..loose.len();
    let mut stack: Vec<(usize, usize)> = roots.iter().rev().map(|&root| (root, 0)).collect();
    loop {
        while let Some((own, depth)) = stack.pop() {
            if std::mem::replace(&mut placed[own], true) {
                continue;
            }
            order.push((own, depth));
            let below = (depth + 1).min(MAX_DEPTH);
            stack.extend(children[own].iter().rev().map(|&child| (child, below)));
        }
        match rest.find(|&own| !placed[own]) {
            Some(own) => stack.push((own, 0)),
            None => break,
        }
    }
    // Fold the list of (span, depth) back into trees, deepest last.
    let mut spans: Vec<Option<Span>> = loose.into_iter().map(|each| Some(each.span)).collect();
    let mut open: Vec<(usize, Span)> = Vec::new();
    let mut roots = Vec::new();
    for (own, depth) in order {
        close(&mut open, depth, &mut roots);
        if let Some(span) = spans[own].take() {
            open.push((depth, span));
        }
    }
    close(&mut open, 0, &mut roots);
    roots.sort_by(|a, b| a.start_ms.total_cmp(&b.start_ms));
    roots
}

/// Hands the open spans at `depth` and below to their parents.
fn close(open: &mut Vec<(usize, Span)>, depth: usize, roots: &mut Vec<Span>) {
    while open.last().is_some_and(|(last, _)| *last >= depth) {
        let Some((_, span)) = open.pop() else { break };
        match open.last_mut() {
            Some((_, parent)) => parent.children.push(span),
            None => roots.push(span),
        }
    }
}
