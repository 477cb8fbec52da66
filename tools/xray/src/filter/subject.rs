//! What filters ask: a trace, a segment, a connection, an element of a root cause.

use serde_json::Value;

use super::{
    ast::{RootCauseKind, RootCauseLevel, Scope, Target},
    eval::{Found, Subject, holds},
    keyword::Keyword,
    node::Node,
};
use crate::{
    document::{Span, SpanKind},
    root_cause::{self, RootCause},
    service::ServiceId,
    summary,
    trace::Trace,
};

/// The trace as a whole.
pub(super) struct Whole<'a>(pub(super) &'a Trace);

impl Subject for Whole<'_> {
    fn value(&self, keyword: Keyword) -> Found {
        let root = self.0.root();
        let everywhere = || self.0.nodes.iter().map(|node| &*node.span);
        match keyword {
            // "Simple keywords and operators find issues only at the trace level": the root's, but for throttle,
            // which TraceSummary defines by any segment.
            Keyword::Throttle => Found::Flag(everywhere().any(|span| span.throttle)),
            Keyword::Partial => Found::Flag(self.0.is_partial()),
            Keyword::Inferred => Found::Flag(self.0.nodes.iter().any(|node| node.inferred)),
            Keyword::Duration => Found::Number(Some(self.0.duration())),
            Keyword::User | Keyword::AvailabilityZone | Keyword::InstanceId | Keyword::ResourceArn => {
                Found::Texts(everywhere().flat_map(|span| texts(span, keyword)).collect())
            }
            other => of_span(root, other),
        }
    }

    fn annotation(&self, _: Scope, key: &str) -> Vec<&Value> {
        summary::indexed_annotations(self.0).filter(|(_, name, _)| *name == key).map(|(_, _, value)| value).collect()
    }

    fn nested(&self, node: &Node) -> bool {
        let trace = self.0;
        match node {
            Node::Service(target, filter) => trace
                .segments
                .iter()
                .filter(|segment| is(target, &trace.service(**segment)))
                .any(|&segment| holds(filter, &Segment { trace, segment })),
            Node::Edge(source, destination, filter) => edges(trace)
                .filter(|edge| {
                    is(source, &trace.service(trace.nodes[edge.caller].segment))
                        && is(destination, &trace.service(edge.segment))
                })
                .any(|edge| holds(filter, &edge)),
            Node::RootCause(kind, level, filter) => {
                let causes = match kind {
                    RootCauseKind::Error => root_cause::errors(trace),
                    _ => root_cause::faults(trace),
                };
                causes.iter().any(|cause| {
                    let elements = elements(cause, *level);
                    elements.iter().any(|element| holds(filter, element))
                })
            }
            _ => false,
        }
    }
}

fn is(target: &Target, service: &ServiceId) -> bool {
    let matches =
        |wanted: &Option<String>, actual: Option<&str>| wanted.as_deref().is_none_or(|wanted| Some(wanted) == actual);
    target.name.as_ref().is_none_or(|name| service.names.contains(name))
        && matches(&target.kind, service.kind.as_deref())
        && matches(&target.account_id, service.account_id.as_deref())
}

fn of_span(span: &Span, keyword: Keyword) -> Found {
    match keyword {
        Keyword::Ok => Found::Flag(span.ok()),
        Keyword::Error => Found::Flag(span.error),
        Keyword::Throttle => Found::Flag(span.throttle),
        Keyword::Fault => Found::Flag(span.fault),
        Keyword::Partial => Found::Flag(span.in_progress()),
        Keyword::ResponseTime | Keyword::Duration => Found::Number(span.duration()),
        Keyword::HttpStatus => Found::Number(span.at(&["http", "response", "status"]).and_then(Value::as_f64)),
        other => Found::Texts(texts(span, other)),
    }
}

fn texts(span: &Span, keyword: Keyword) -> Vec<String> {
    let path: &[&str] = match keyword {
        Keyword::HttpUrl => &["http", "request", "url"],
        Keyword::HttpMethod => &["http", "request", "method"],
        Keyword::HttpUserAgent => &["http", "request", "user_agent"],
        Keyword::HttpClientIp => &["http", "request", "client_ip"],
        Keyword::User => &["user"],
        Keyword::AvailabilityZone => &["aws", "ec2", "availability_zone"],
        Keyword::InstanceId => &["aws", "ec2", "instance_id"],
        Keyword::ResourceArn => &["resource_arn"],
        _ => return Vec::new(),
    };
    span.text(path).map(str::to_owned).into_iter().collect()
}

struct Segment<'a> {
    trace: &'a Trace,
    segment: usize,
}

impl Subject for Segment<'_> {
    fn value(&self, keyword: Keyword) -> Found {
        let node = &self.trace.nodes[self.segment];
        match keyword {
            Keyword::Root => Found::Flag(self.segment == self.trace.root),
            Keyword::Inferred => Found::Flag(node.inferred),
            Keyword::Name => Found::Texts(self.trace.service(self.segment).names),
            Keyword::Type => Found::Texts(self.trace.service(self.segment).kind.into_iter().collect()),
            other => of_span(&node.span, other),
        }
    }

    fn annotation(&self, _: Scope, key: &str) -> Vec<&Value> {
        annotations_of(self.trace, self.segment, key)
    }
}

fn annotations_of<'a>(trace: &'a Trace, segment: usize, key: &str) -> Vec<&'a Value> {
    summary::indexed_annotations(trace)
        .filter(|(index, name, _)| trace.nodes[*index].segment == segment && *name == key)
        .map(|(_, _, value)| value)
        .collect()
}

/// A connection: the span that called, and the segment that was called.
struct Edge<'a> {
    trace: &'a Trace,
    caller: usize,
    segment: usize,
}

fn edges(trace: &Trace) -> impl Iterator<Item = Edge<'_>> {
    trace
        .segments
        .iter()
        .filter_map(move |&segment| Some(Edge { trace, caller: trace.nodes[segment].parent?, segment }))
}

impl Subject for Edge<'_> {
    /// A connection failed if the call failed on either side of it; its time is the caller's.
    fn value(&self, keyword: Keyword) -> Found {
        let caller = &*self.trace.nodes[self.caller].span;
        let callee = &*self.trace.nodes[self.segment].span;
        // A segment that called without a subsegment tells of its own work, not of the call.
        let call = (caller.kind == SpanKind::Subsegment).then_some(caller);
        let either = |flag: fn(&Span) -> bool| flag(callee) || call.is_some_and(flag);
        match keyword {
            Keyword::Ok => Found::Flag(!either(|span| !span.ok())),
            Keyword::Error => Found::Flag(either(|span| span.error)),
            Keyword::Fault => Found::Flag(either(|span| span.fault)),
            Keyword::Throttle => Found::Flag(either(|span| span.throttle)),
            _ => Found::Number(call.unwrap_or(callee).duration()),
        }
    }

    fn annotation(&self, scope: Scope, key: &str) -> Vec<&Value> {
        let source = self.trace.nodes[self.caller].segment;
        let mut values = Vec::new();
        if scope != Scope::Destination {
            values.extend(annotations_of(self.trace, source, key));
        }
        if scope != Scope::Source {
            values.extend(annotations_of(self.trace, self.segment, key));
        }
        values
    }
}

/// An element of a root cause, at its position (from 0) in the list.
struct Element {
    index: usize,
    count: usize,
    name: Option<String>,
    kind: Option<String>,
    message: Option<String>,
    flag: bool,
}

fn elements(cause: &RootCause, level: RootCauseLevel) -> Vec<Element> {
    let entities = || cause.services.iter().flat_map(|service| &service.entity_path);
    let element = |name: Option<&str>, kind: Option<&str>, message: Option<&str>, flag| Element {
        index: 0,
        count: 0,
        name: name.map(str::to_owned),
        kind: kind.map(str::to_owned),
        message: message.map(str::to_owned),
        flag,
    };
    let mut list: Vec<Element> = match level {
        RootCauseLevel::Service => cause
            .services
            .iter()
            .map(|s| element(Some(&s.service.name), s.service.kind.as_deref(), None, s.inferred))
            .collect(),
        RootCauseLevel::Entity => entities().map(|e| element(Some(&e.name), None, None, e.remote)).collect(),
        RootCauseLevel::Exception => entities()
            .flat_map(|e| &e.exceptions)
            .map(|e| element(e.name.as_deref(), None, e.message.as_deref(), false))
            .collect(),
    };
    let count = list.len();
    for (index, element) in list.iter_mut().enumerate() {
        element.index = index;
        element.count = count;
    }
    list
}

impl Subject for Element {
    fn value(&self, keyword: Keyword) -> Found {
        match keyword {
            Keyword::First => Found::Flag(self.index == 0),
            Keyword::Last => Found::Flag(self.index + 1 == self.count),
            Keyword::Remote | Keyword::Inferred => Found::Flag(self.flag),
            Keyword::Index => Found::Number(Some(self.index as f64)),
            Keyword::Type => Found::Texts(self.kind.iter().cloned().collect()),
            Keyword::Message => Found::Texts(self.message.iter().cloned().collect()),
            _ => Found::Texts(self.name.iter().cloned().collect()),
        }
    }
}
