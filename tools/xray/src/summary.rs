//! `TraceSummary`: what X-Ray indexes of a trace.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::{
    root_cause::{self, RootCause},
    service::ServiceId,
    trace::Trace,
};

/// Annotations X-Ray indexes in one trace.
pub const MAX_ANNOTATIONS: usize = 50;

/// X-Ray's `TraceSummary`, as it goes over the wire.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the field names are X-Ray's own")]
pub struct TraceSummary {
    pub id: String,
    pub start_time: f64,
    pub duration: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_time: Option<f64>,
    pub has_fault: bool,
    pub has_error: bool,
    pub has_throttle: bool,
    pub is_partial: bool,
    pub http: Http,
    pub annotations: BTreeMap<String, Vec<ValueWithServiceIds>>,
    pub users: Vec<TraceUser>,
    pub service_ids: Vec<ServiceId>,
    #[serde(rename = "ResourceARNs")]
    pub resource_arns: Vec<ResourceArn>,
    pub instance_ids: Vec<InstanceId>,
    pub availability_zones: Vec<AvailabilityZone>,
    pub entry_point: ServiceId,
    pub fault_root_causes: Vec<RootCause>,
    pub error_root_causes: Vec<RootCause>,
    pub revision: u32,
}

/// The request the root served.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the field names are X-Ray's own")]
pub struct Http {
    #[serde(rename = "HttpURL", skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(rename = "HttpStatus", skip_serializing_if = "Option::is_none")]
    pub status: Option<i64>,
    #[serde(rename = "HttpMethod", skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_ip: Option<String>,
}

/// One value of an annotation, and who set it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the field names are X-Ray's own")]
pub struct ValueWithServiceIds {
    pub annotation_value: AnnotationValue,
    pub service_ids: Vec<ServiceId>,
}

/// A value of one of the three types.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the field names are X-Ray's own")]
pub enum AnnotationValue {
    StringValue(String),
    NumberValue(f64),
    BooleanValue(bool),
}

/// A user, and the services that saw them.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the field names are X-Ray's own")]
pub struct TraceUser {
    pub user_name: String,
    pub service_ids: Vec<ServiceId>,
}

macro_rules! detail {
    ($(#[$doc:meta])* $name:ident, $field:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        pub struct $name {
            /// The value.
            #[serde(rename = $field)]
            pub value: String,
        }
    };
}
detail!(
    #[doc = "A resource on the way."]
    ResourceArn,
    "ARN"
);
detail!(
    #[doc = "An EC2 instance on the way."]
    InstanceId,
    "Id"
);
detail!(
    #[doc = "An availability zone on the way."]
    AvailabilityZone,
    "Name"
);

impl TraceSummary {
    /// Summarises a trace.
    pub fn of(trace: &Trace) -> Self {
        let root = trace.root();
        let text = |path: &[&str]| root.text(path).map(str::to_owned);
        Self {
            id: trace.id.clone(),
            start_time: trace.start,
            duration: trace.duration(),
            response_time: root.duration(),
            has_fault: root.fault,
            has_error: root.error,
            has_throttle: trace.nodes.iter().any(|node| node.span.throttle),
            is_partial: trace.is_partial(),
            http: Http {
                url: text(&["http", "request", "url"]),
                status: root.at(&["http", "response", "status"]).and_then(Value::as_i64),
                method: text(&["http", "request", "method"]),
                user_agent: text(&["http", "request", "user_agent"]),
                client_ip: text(&["http", "request", "client_ip"]),
            },
            annotations: annotations(trace),
            users: users(trace),
            service_ids: distinct(trace.segments.iter().map(|&segment| trace.service(segment))),
            resource_arns: distinct(field(trace, &["resource_arn"]).map(|value| ResourceArn { value })),
            instance_ids: distinct(field(trace, &["aws", "ec2", "instance_id"]).map(|value| InstanceId { value })),
            availability_zones: distinct(
                field(trace, &["aws", "ec2", "availability_zone"]).map(|value| AvailabilityZone { value }),
            ),
            entry_point: trace.service(trace.nodes[trace.root].segment),
            fault_root_causes: root_cause::faults(trace),
            error_root_causes: root_cause::errors(trace),
            revision: trace.revision,
        }
    }
}

fn distinct<T: PartialEq>(items: impl Iterator<Item = T>) -> Vec<T> {
    items.fold(Vec::new(), |mut seen, item| {
        if !seen.contains(&item) {
            seen.push(item);
        }
        seen
    })
}

fn field<'a>(trace: &'a Trace, path: &'a [&'a str]) -> impl Iterator<Item = String> + 'a {
    trace.segments.iter().filter_map(|&segment| trace.nodes[segment].span.text(path).map(str::to_owned))
}

/// Letters, digits, underscores, and (since 2026) dots; other keys stay in the document, unindexed.
fn is_indexed_key(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
}

/// The annotations X-Ray indexes, in the order of the tree: (node, key, value).
pub(crate) fn indexed_annotations(trace: &Trace) -> impl Iterator<Item = (usize, &str, &Value)> {
    trace
        .segments
        .iter()
        .flat_map(|&segment| trace.indices_within(segment))
        .flat_map(|index| trace.nodes[index].span.annotations().map(move |(key, value)| (index, key, value)))
        .filter(|(_, key, _)| is_indexed_key(key))
        .take(MAX_ANNOTATIONS)
}

fn annotations(trace: &Trace) -> BTreeMap<String, Vec<ValueWithServiceIds>> {
    let mut annotations: BTreeMap<String, Vec<ValueWithServiceIds>> = BTreeMap::new();
    for (index, key, value) in indexed_annotations(trace) {
        let value = match value {
            Value::String(text) => AnnotationValue::StringValue(text.clone()),
            Value::Bool(boolean) => AnnotationValue::BooleanValue(*boolean),
            other => match other.as_f64() {
                Some(number) => AnnotationValue::NumberValue(number),
                None => continue,
            },
        };
        let service = trace.service(trace.nodes[index].segment);
        let values = annotations.entry(key.to_owned()).or_default();
        match values.iter_mut().find(|known| known.annotation_value == value) {
            Some(known) if known.service_ids.contains(&service) => {}
            Some(known) => known.service_ids.push(service),
            None => values.push(ValueWithServiceIds { annotation_value: value, service_ids: vec![service] }),
        }
    }
    annotations
}

fn users(trace: &Trace) -> Vec<TraceUser> {
    let mut users: Vec<TraceUser> = Vec::new();
    for &segment in &trace.segments {
        let Some(name) = trace.nodes[segment].span.text(&["user"]) else {
            continue;
        };
        let service = trace.service(segment);
        match users.iter_mut().find(|user| user.user_name == name) {
            Some(user) if user.service_ids.contains(&service) => {}
            Some(user) => user.service_ids.push(service),
            None => users.push(TraceUser { user_name: name.to_owned(), service_ids: vec![service] }),
        }
    }
    users
}

#[cfg(test)]
mod tests;
