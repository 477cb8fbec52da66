//! A trace compiled from its documents: independent subsegments in their parents' places, inferred segments for
//! callees that sent none, one root.

use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet},
    sync::Arc,
};

use serde_json::{Map, Value, json};

use crate::{
    document::{Span, SpanKind, inferred_id},
    service::{ServiceId, inferred_origin},
};

/// A trace as one reading of the store saw it.
#[derive(Debug)]
pub struct Trace {
    /// The trace id.
    pub id: String,
    /// Every span, each with its place in the tree.
    pub nodes: Vec<Node>,
    /// Indices of the top-level documents (segments, inferred segments, and subsegments whose parent has not
    /// arrived), by start time.
    pub segments: Vec<usize>,
    /// Index of the root segment.
    pub root: usize,
    /// Earliest start.
    pub start: f64,
    /// Latest end of what has ended.
    pub end: Option<f64>,
    /// When the store last changed it.
    pub updated: f64,
    /// How often the store changed it.
    pub revision: u32,
    /// Documents were left out because the trace had reached its size limit.
    pub limit_exceeded: bool,
}

/// A span in its tree.
#[derive(Debug)]
pub struct Node {
    /// The span.
    pub span: Arc<Span>,
    /// The enclosing span, or for a segment the span that called it.
    pub parent: Option<usize>,
    /// Subsegments, by start time.
    pub children: Vec<usize>,
    /// The top-level document it belongs to (itself, for those).
    pub segment: usize,
    /// Made by the service from a subsegment.
    pub inferred: bool,
}

impl Trace {
    /// Compiles a trace. `spans` is never empty; ids are unique.
    pub(crate) fn compile(id: &str, spans: &[Arc<Span>], facts: Facts) -> Self {
        let mut spans = spans.to_vec();
        let inferred_from = spans.len();
        spans.extend(infer(id, &spans));
        let by_id: HashMap<&str, usize> =
            spans.iter().enumerate().map(|(index, span)| (span.id.as_str(), index)).collect();
        let parents: Vec<Option<usize>> = spans
            .iter()
            .enumerate()
            .map(|(index, span)| {
                let parent = by_id.get(span.parent_id.as_deref()?).copied()?;
                (parent != index).then_some(parent)
            })
            .collect();

        let mut children = vec![Vec::new(); spans.len()];
        let mut segments = Vec::new();
        for (index, span) in spans.iter().enumerate() {
            match parents[index] {
                Some(parent) if span.kind == SpanKind::Subsegment => children[parent].push(index),
                _ => segments.push(index),
            }
        }
        let by_start = |a: &usize, b: &usize| {
            let (a, b) = (&spans[*a], &spans[*b]);
            a.start.total_cmp(&b.start).then_with(|| a.id.cmp(&b.id))
        };
        segments.sort_by(by_start);
        for list in &mut children {
            list.sort_by(by_start);
        }

        let mut owner = vec![usize::MAX; spans.len()];
        for &segment in &segments {
            claim(segment, segment, &children, &mut owner);
        }
        // Subsegments that name each other as parents hang on no segment: the first of each ring is shown on its own.
        for index in 0..spans.len() {
            if owner[index] == usize::MAX {
                segments.push(index);
                claim(index, index, &children, &mut owner);
                if let Some(parent) = parents[index] {
                    children[parent].retain(|&child| child != index);
                }
            }
        }

        let start = spans.iter().map(|s| s.start).fold(f64::MAX, f64::min);
        let end = spans.iter().filter_map(|s| s.end).reduce(f64::max).map(|end| end.max(start));
        let root = root(&spans, &parents, &segments);
        let nodes = spans
            .into_iter()
            .zip(children)
            .enumerate()
            .map(|(index, (span, children))| Node {
                span,
                parent: parents[index],
                children,
                segment: owner[index],
                inferred: index >= inferred_from,
            })
            .collect();
        Self {
            id: id.to_owned(),
            nodes,
            segments,
            root,
            start,
            end,
            updated: facts.updated,
            revision: facts.revision,
            limit_exceeded: facts.limit_exceeded,
        }
    }

    /// Earliest start to latest end of what has ended.
    pub fn duration(&self) -> f64 {
        self.end.map_or(0.0, |end| end - self.start)
    }

    /// Some span has not ended.
    pub fn is_partial(&self) -> bool {
        self.nodes.iter().any(|node| node.span.in_progress())
    }

    /// The root segment.
    pub fn root(&self) -> &Span {
        &self.nodes[self.root].span
    }

    /// The service that a top-level document stands for.
    pub fn service(&self, segment: usize) -> ServiceId {
        ServiceId::of(&self.nodes[segment].span, self.nodes[segment].inferred)
    }

    /// A segment's nodes: itself first, then its subsegments, depth first.
    pub fn indices_within(&self, segment: usize) -> impl Iterator<Item = usize> {
        let mut stack = vec![segment];
        std::iter::from_fn(move || {
            let index = stack.pop()?;
            stack.extend(self.nodes[index].children.iter().rev());
            Some(index)
        })
    }

    /// The compiled documents, as BatchGetTraces hands them out: (segment id, JSON).
    pub fn documents(&self) -> impl Iterator<Item = (&str, String)> {
        self.segments.iter().map(|&segment| {
            let span = &self.nodes[segment].span;
            let mut body = self.body(segment);
            body.insert("trace_id".to_owned(), json!(self.id));
            if let Some(parent) = &span.parent_id {
                body.insert("parent_id".to_owned(), json!(parent));
            }
            if span.kind == SpanKind::Subsegment {
                body.insert("type".to_owned(), json!("subsegment"));
            }
            (span.id.as_str(), Value::Object(body).to_string())
        })
    }

    fn body(&self, index: usize) -> Map<String, Value> {
        let node = &self.nodes[index];
        let mut body = node.span.body().clone();
        if !node.children.is_empty() {
            let children = node.children.iter().map(|&child| Value::Object(self.body(child))).collect();
            body.insert("subsegments".to_owned(), Value::Array(children));
        }
        body
    }
}

/// What the store knows of a trace beside its spans.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    pub(crate) updated: f64,
    pub(crate) revision: u32,
    pub(crate) limit_exceeded: bool,
}

/// A segment for each call to another service that no segment answers.
fn infer(trace_id: &str, spans: &[Arc<Span>]) -> Vec<Arc<Span>> {
    let answered: HashSet<&str> = spans
        .iter()
        .filter(|span| span.kind == SpanKind::Segment)
        .filter_map(|span| span.parent_id.as_deref())
        .collect();
    spans
        .iter()
        .filter(|span| span.kind == SpanKind::Subsegment && span.namespace().is_some())
        .filter(|span| !answered.contains(span.id.as_str()))
        // traced: the callee sends its own segment, the trace is broken until it does.
        .filter(|span| span.at(&["http", "request", "traced"]) != Some(&Value::Bool(true)))
        .map(|span| {
            let id = inferred_id(trace_id, &span.id);
            Arc::new(span.infer(id, inferred_origin(span).as_deref()))
        })
        .collect()
}

fn claim(index: usize, segment: usize, children: &[Vec<usize>], owner: &mut [usize]) {
    let mut stack = vec![index];
    while let Some(index) = stack.pop() {
        if owner[index] == usize::MAX {
            owner[index] = segment;
            stack.extend(&children[index]);
        }
    }
}

/// A segment without a parent, else one whose parent is not here (yet), else whatever came first.
fn root(spans: &[Arc<Span>], parents: &[Option<usize>], segments: &[usize]) -> usize {
    let rank = |&index: &usize| {
        let span = &spans[index];
        match (span.kind, span.parent_id.is_none(), parents[index].is_none()) {
            (SpanKind::Segment, true, _) => 0,
            (SpanKind::Segment, _, true) => 1,
            (SpanKind::Subsegment, ..) => 2,
            _ => 3,
        }
    };
    segments
        .iter()
        .copied()
        .min_by(|a, b| match rank(a).cmp(&rank(b)) {
            Ordering::Equal => spans[*a].start.total_cmp(&spans[*b].start),
            other => other,
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests;
