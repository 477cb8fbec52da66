//! A span as X-Ray segment documents.

use opentelemetry_proto::tonic::trace::v1::{Span, span::SpanKind};
use serde_json::{Map, Value, json};

use super::{attributes::Attributes, blocks, hex, seconds, trace_id};
use crate::document::inferred_id;

const LOCAL_SERVICE: &str = "aws.local.service";
const REMOTE_SERVICE: &str = "aws.remote.service";
const LOCAL_ROOT: &str = "LOCAL_ROOT";

/// X-Ray's limits of names.
const SEGMENT_NAME_CHARS: usize = 200;
const SUBSEGMENT_NAME_CHARS: usize = 250;

type Document = Map<String, Value>;

pub(super) fn documents(span: &Span, resource: &Attributes) -> Vec<Document> {
    let attributes = Attributes::read(span.attributes.clone());
    if !attributes.is("aws.span.kind", LOCAL_ROOT) {
        let own = span.kind() == SpanKind::Server || span.parent_span_id.is_empty();
        return vec![document(span, attributes, resource, own)];
    }
    if matches!(span.kind(), SpanKind::Server | SpanKind::Internal) {
        return vec![document(span, attributes, resource, true)];
    }
    // A call, or a message taken, is the outermost that the service did: the service's segment, and the call in it.
    let mut service = document(span, attributes.clone(), resource, true);
    let id = inferred_id(&trace_id(&span.trace_id), &format!("{} service", hex(&span.span_id)));
    service.insert("id".to_owned(), json!(id));
    if let Some(name) = attributes.text(&[LOCAL_SERVICE]) {
        service.insert("name".to_owned(), json!(clean(name, SEGMENT_NAME_CHARS)));
    }
    for of_the_call in ["http", "sql", "annotations"] {
        service.remove(of_the_call);
    }
    let mut call = document(span, attributes, resource, false);
    call.insert("parent_id".to_owned(), json!(id));
    call.entry("namespace").or_insert_with(|| json!("remote"));
    vec![service, call]
}

/// `own`: a segment, and not a part of one.
fn document(span: &Span, mut attributes: Attributes, resource: &Attributes, own: bool) -> Document {
    let mut document = Document::new();
    let name = name(span, &attributes, resource);
    let namespace = namespace(span, &attributes);
    let length = if own { SEGMENT_NAME_CHARS } else { SUBSEGMENT_NAME_CHARS };
    document.insert("name".to_owned(), json!(clean(&name, length)));
    document.insert("id".to_owned(), json!(hex(&span.span_id)));
    document.insert("trace_id".to_owned(), json!(trace_id(&span.trace_id)));
    if !span.parent_span_id.is_empty() {
        document.insert("parent_id".to_owned(), json!(hex(&span.parent_span_id)));
    }
    document.insert("start_time".to_owned(), json!(seconds(span.start_time_unix_nano)));
    match span.end_time_unix_nano {
        0 => document.insert("in_progress".to_owned(), json!(true)),
        end => document.insert("end_time".to_owned(), json!(seconds(end))),
    };
    let mut put = |field: &str, value: Option<Value>| {
        if let Some(value) = value {
            document.insert(field.to_owned(), value);
        }
    };
    if own {
        put("origin", blocks::origin(resource).map(Value::from));
        put("service", resource.text(&["service.version"]).map(|version| json!({"version": version})));
    } else {
        put("type", Some(json!("subsegment")));
        put("namespace", namespace.map(Value::from));
    }
    let status = attributes.all().get("http.response.status_code").or(attributes.all().get("http.status_code"));
    let status = status.and_then(Value::as_i64);
    for flag in blocks::flags(span, status) {
        put(flag, Some(json!(true)));
    }
    put("cause", blocks::cause(span));
    put("http", blocks::http(span, &mut attributes));
    put("aws", blocks::aws(&mut attributes, resource));
    put("sql", blocks::sql(&mut attributes).filter(|_| !own));
    put("user", attributes.take_text(&["enduser.id", "user.id"]).filter(|_| own).map(Value::from));
    put("links", blocks::links(span));
    let (annotations, metadata) = annotations_and_metadata(attributes, own.then_some(resource));
    put("annotations", (!annotations.is_empty()).then_some(Value::Object(annotations)));
    put("metadata", (!metadata.is_empty()).then_some(Value::Object(metadata)));
    document
}

/// X-Ray's names are those of services, and only of a step where there is no service.
fn name(span: &Span, attributes: &Attributes, resource: &Attributes) -> String {
    let kind = span.kind();
    let aws_sdk = attributes.is("rpc.system", "aws-api");
    let local = kind == SpanKind::Server || attributes.is("aws.span.kind", LOCAL_ROOT);
    let calls = matches!(kind, SpanKind::Client | SpanKind::Producer | SpanKind::Consumer);
    let told = attributes
        .text(&[LOCAL_SERVICE])
        .filter(|_| local && !calls)
        .or_else(|| {
            let remote = attributes.text(&[REMOTE_SERVICE]).filter(|_| calls)?;
            let prefixes = ["AWS.SDK.", "AWS::"];
            Some(prefixes.iter().filter(|_| aws_sdk).find_map(|prefix| remote.strip_prefix(prefix)).unwrap_or(remote))
        })
        .or_else(|| attributes.text(&["peer.service", "aws.service"]));
    if let Some(name) = told {
        return name.to_owned();
    }
    if let Some(database) = attributes.text(&["db.name", "db.namespace"]) {
        let host = attributes.text(&["server.address", "net.peer.name"]);
        return host.map_or_else(|| database.to_owned(), |host| format!("{database}@{host}"));
    }
    let service = resource.text(&["service.name"]).or_else(|| attributes.text(&["service.name"]));
    service
        .filter(|_| kind == SpanKind::Server)
        .or_else(|| attributes.text(&["rpc.service", "http.host", "server.address", "net.peer.name"]))
        .unwrap_or(&span.name)
        .to_owned()
}

fn namespace(span: &Span, attributes: &Attributes) -> Option<&'static str> {
    if attributes.is("rpc.system", "aws-api") || attributes.text(&["aws.service"]).is_some() {
        return Some("aws");
    }
    let calls = matches!(span.kind(), SpanKind::Producer | SpanKind::Consumer);
    let remote = span.kind() == SpanKind::Client || (calls && attributes.text(&[REMOTE_SERVICE]).is_some());
    remote.then_some("remote")
}

/// Without what X-Ray does not take in a name.
fn clean(name: &str, longest: usize) -> String {
    let allowed = |c: &char| c.is_alphanumeric() || *c == ' ' || "_.:/%&#=+\\-@".contains(*c);
    match name.chars().filter(allowed).take(longest).collect::<String>() {
        empty if empty.trim().is_empty() => "span".to_owned(),
        name => name,
    }
}

/// Annotations are the attributes that `aws.xray.annotations` lists, or that are called `annotation.<key>`; all else is metadata.
fn annotations_and_metadata(mut attributes: Attributes, resource: Option<&Attributes>) -> (Document, Document) {
    let key = |key: &str| -> String {
        key.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' || c == '_' { c } else { '_' }).collect()
    };
    let simple = |value: &Value| value.is_string() || value.is_number() || value.is_boolean();
    let mut annotations = Document::new();
    let listed = attributes.take(&["aws.xray.annotations"]);
    for name in listed.as_ref().and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        if attributes.all().get(name).is_some_and(simple)
            && let Some(value) = attributes.take(&[name])
        {
            annotations.insert(key(name), value);
        }
    }
    let mut default = Document::new();
    for (name, value) in attributes.take_prefixed("annotation.") {
        let (into, name) = if simple(&value) { (&mut annotations, key(&name)) } else { (&mut default, name) };
        into.insert(name, value);
    }
    let mut metadata = Document::new();
    for (namespace, value) in attributes.take_prefixed("aws.xray.metadata.") {
        match value.as_str().and_then(|text| serde_json::from_str::<Value>(text).ok()) {
            Some(Value::Object(of_namespace)) if namespace == "default" => default.extend(of_namespace),
            Some(of_namespace @ Value::Object(_)) => drop(metadata.insert(namespace, of_namespace)),
            _ => drop(default.insert(namespace, value)),
        }
    }
    default.extend(attributes.take_prefixed("metadata."));
    default.extend(attributes.into_rest());
    // A service tells of itself once.
    for (name, value) in resource.into_iter().flat_map(Attributes::all) {
        default.insert(format!("otel.resource.{name}"), value.clone());
    }
    if !default.is_empty() {
        metadata.insert("default".to_owned(), Value::Object(default));
    }
    (annotations, metadata)
}
