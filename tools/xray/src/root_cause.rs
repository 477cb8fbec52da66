//! Why a trace failed: the paths of failed spans, from the first that failed down to the last.

use serde::Serialize;

use crate::{document::Span, service::ServiceId, trace::Trace};

/// X-Ray's `FaultRootCause` and `ErrorRootCause`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RootCause {
    /// The services on the path, caller first.
    pub services: Vec<RootCauseService>,
    /// The root failed as well: the client felt it.
    pub client_impacting: bool,
}

/// A service on the path.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RootCauseService {
    /// Which.
    #[serde(flatten)]
    pub service: ServiceId,
    /// Its segment, then the subsegments that failed.
    pub entity_path: Vec<RootCauseEntity>,
    /// It sent no segment of its own.
    pub inferred: bool,
}

/// A segment or subsegment on the path.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RootCauseEntity {
    /// Its name.
    pub name: String,
    /// What it raised.
    pub exceptions: Vec<RootCauseException>,
    /// It is a call to another service.
    pub remote: bool,
}

/// An exception: type and message.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct RootCauseException {
    /// Its type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// The root causes of faults.
pub fn faults(trace: &Trace) -> Vec<RootCause> {
    causes(trace, |span| span.fault)
}

/// The root causes of errors.
pub fn errors(trace: &Trace) -> Vec<RootCause> {
    causes(trace, |span| span.error)
}

fn causes(trace: &Trace, failed: fn(&Span) -> bool) -> Vec<RootCause> {
    let is_failed = |index: usize| failed(&trace.nodes[index].span);
    let mut failed_below = vec![false; trace.nodes.len()];
    for node in trace.nodes.iter().filter(|node| failed(&node.span)) {
        if let Some(parent) = node.parent {
            failed_below[parent] = true;
        }
    }
    let mut ends: Vec<usize> =
        (0..trace.nodes.len()).filter(|&index| is_failed(index) && !failed_below[index]).collect();
    ends.sort_by(|a, b| trace.nodes[*a].span.start.total_cmp(&trace.nodes[*b].span.start));
    ends.into_iter()
        .map(|end| {
            let mut path = vec![end];
            let mut at = end;
            // Bounded by the number of nodes: parents may name each other in a ring.
            for _ in 0..trace.nodes.len() {
                match trace.nodes[at].parent.filter(|&parent| is_failed(parent)) {
                    Some(parent) if !path.contains(&parent) => at = parent,
                    _ => break,
                }
                path.push(at);
            }
            path.reverse();
            RootCause { services: services(trace, &path), client_impacting: failed(trace.root()) }
        })
        .collect()
}

fn services(trace: &Trace, path: &[usize]) -> Vec<RootCauseService> {
    let mut services: Vec<(usize, RootCauseService)> = Vec::new();
    for &index in path {
        let segment = trace.nodes[index].segment;
        if services.last().is_none_or(|(last, _)| *last != segment) {
            let mut entity_path = Vec::new();
            // A path that begins inside a segment still names the segment.
            if index != segment {
                entity_path.push(entity(trace, segment));
            }
            let service = RootCauseService {
                service: trace.service(segment),
                entity_path,
                inferred: trace.nodes[segment].inferred,
            };
            services.push((segment, service));
        }
        if let Some((_, service)) = services.last_mut() {
            service.entity_path.push(entity(trace, index));
        }
    }
    services.into_iter().map(|(_, service)| service).collect()
}

fn entity(trace: &Trace, index: usize) -> RootCauseEntity {
    let span = &trace.nodes[index].span;
    let mut exceptions = span.exceptions();
    if let Some(reference) = span.cause_reference() {
        exceptions = trace
            .nodes
            .iter()
            .flat_map(|node| node.span.exceptions())
            .filter(|exception| exception.id.as_deref() == Some(reference))
            .take(1)
            .collect();
    }
    RootCauseEntity {
        name: span.name.clone(),
        exceptions: exceptions
            .into_iter()
            .map(|exception| RootCauseException { name: exception.kind, message: exception.message })
            .collect(),
        remote: span.namespace().is_some(),
    }
}
