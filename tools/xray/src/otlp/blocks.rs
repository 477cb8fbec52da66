//! The parts of a segment document that have a form of their own.

use opentelemetry_proto::tonic::trace::v1::{Span, span::SpanKind, status::StatusCode};
use serde_json::{Map, Value, json};

use super::{attributes::Attributes, hex, trace_id};
use crate::document;

/// Databases that speak SQL: what is said of others is metadata.
const SQL: [&str; 12] = [
    "mysql",
    "mariadb",
    "postgresql",
    "mssql",
    "microsoft.sql_server",
    "oracle",
    "oracle.db",
    "db2",
    "sqlite",
    "redshift",
    "hsqldb",
    "other_sql",
];

pub(super) fn origin(resource: &Attributes) -> Option<&'static str> {
    if resource.text(&["cloud.provider"]).is_some_and(|provider| provider != "aws") {
        return None;
    }
    Some(match resource.text(&["cloud.platform"])? {
        "aws_lambda" => "AWS::Lambda::Function",
        "aws_app_runner" => "AWS::AppRunner::Service",
        "aws_eks" => "AWS::EKS::Container",
        "aws_elastic_beanstalk" => "AWS::ElasticBeanstalk::Environment",
        "aws_ecs" => match resource.text(&["aws.ecs.launchtype"]) {
            Some("ec2") => "AWS::ECS::EC2",
            Some("fargate") => "AWS::ECS::Fargate",
            _ => "AWS::ECS::Container",
        },
        "aws_ec2" => "AWS::EC2::Instance",
        _ => return None,
    })
}

/// What of fault, error and throttle a failed span has.
pub(super) fn flags(span: &Span, http_status: Option<i64>) -> &'static [&'static str] {
    if !failed(span) {
        return &[];
    }
    match http_status {
        Some(429) => &["throttle", "error"],
        Some(400..=499) => &["error"],
        _ => &["fault"],
    }
}

fn failed(span: &Span) -> bool {
    span.status.as_ref().is_some_and(|status| status.code() == StatusCode::Error)
}

/// The exceptions that it recorded, or the words of its status.
pub(super) fn cause(span: &Span) -> Option<Value> {
    let exceptions = span.events.iter().enumerate().filter(|(_, event)| event.name == "exception");
    let mut told: Vec<Value> = exceptions
        .filter_map(|(index, event)| {
            let attributes = Attributes::read(event.attributes.clone());
            let mut exception = Map::new();
            for (field, name) in [("type", "exception.type"), ("message", "exception.message")] {
                if let Some(text) = attributes.text(&[name]) {
                    exception.insert(field.to_owned(), json!(text));
                }
            }
            exception.insert("id".to_owned(), json!(exception_id(span, index)));
            (exception.len() > 1).then_some(Value::Object(exception))
        })
        .collect();
    let message = span.status.as_ref().map(|status| status.message.as_str()).filter(|text| !text.is_empty());
    if told.is_empty() && failed(span) {
        told.extend(message.map(|message| json!({"id": exception_id(span, 0), "message": message})));
    }
    (!told.is_empty()).then(|| json!({"exceptions": told}))
}

fn exception_id(span: &Span, index: usize) -> String {
    document::inferred_id(&hex(&span.trace_id), &format!("{} exception {index}", hex(&span.span_id)))
}

pub(super) fn http(span: &Span, attributes: &mut Attributes) -> Option<Value> {
    let mut request = Map::new();
    let mut response = Map::new();
    let put = |block: &mut Map<String, Value>, field: &str, value: Option<Value>| {
        if let Some(value) = value {
            block.insert(field.to_owned(), value);
        }
    };
    let method = attributes.take(&["http.request.method", "http.method"]);
    // The parts of an address are in spans of other protocols, too.
    let url = method.as_ref().and_then(|_| url(attributes));
    put(&mut request, "method", method);
    put(&mut request, "url", url);
    put(&mut request, "user_agent", attributes.take(&["user_agent.original", "http.user_agent"]));
    if span.kind() == SpanKind::Server {
        put(&mut request, "client_ip", attributes.take(&["client.address", "http.client_ip"]));
    }
    let status = attributes.take(&["http.response.status_code", "http.status_code"]);
    put(&mut response, "status", status.filter(Value::is_i64));
    let length = attributes.take(&["http.response.body.size", "http.response_content_length"]);
    put(&mut response, "content_length", length.filter(Value::is_i64));
    let mut block = Map::new();
    for (field, part) in [("request", request), ("response", response)] {
        if !part.is_empty() {
            block.insert(field.to_owned(), Value::Object(part));
        }
    }
    (!block.is_empty()).then_some(Value::Object(block))
}

fn url(attributes: &mut Attributes) -> Option<Value> {
    if let Some(url) = attributes.take(&["url.full", "http.url"]) {
        return Some(url);
    }
    let host = attributes.text(&["http.host", "server.address", "net.host.name", "net.peer.name"])?.to_owned();
    let scheme = attributes.take_text(&["url.scheme", "http.scheme"]).unwrap_or_else(|| "http".to_owned());
    let port = attributes.all().get("server.port").or(attributes.all().get("net.host.port")).and_then(Value::as_i64);
    let port = port.filter(|_| !host.contains(':')).map(|port| format!(":{port}")).unwrap_or_default();
    let target = attributes.take_text(&["url.path", "http.target", "http.route"]).unwrap_or_default();
    Some(json!(format!("{scheme}://{host}{port}{target}")))
}

pub(super) fn aws(attributes: &mut Attributes, resource: &Attributes) -> Option<Value> {
    let mut aws = Map::new();
    let mut put = |field: &str, value: Option<Value>| {
        if let Some(value) = value {
            aws.insert(field.to_owned(), value);
        }
    };
    let calls_aws = attributes.is("rpc.system", "aws-api") || attributes.text(&["aws.service"]).is_some();
    let operation = attributes.take(&["aws.operation"]);
    let method = if calls_aws { attributes.take(&["rpc.method"]) } else { None };
    put("operation", operation.or(method));
    put("region", attributes.take(&["aws.region"]));
    put("request_id", attributes.take(&["aws.request_id", "aws.requestId"]));
    put("queue_url", attributes.take(&["aws.sqs.queue_url", "aws.sqs.queue.url", "aws.queue.url", "aws.queue_url"]));
    let table = attributes.take(&["aws.table.name", "aws.table_name"]);
    let tables = attributes.take(&["aws.dynamodb.table_names"]);
    put("table_name", table.or_else(|| tables.as_ref()?.get(0).cloned()));
    put("account_id", resource.text(&["cloud.account.id"]).map(Value::from));
    if let Some(language) = resource.text(&["telemetry.sdk.language"]) {
        let mut sdk = Map::from_iter([("sdk".to_owned(), json!(format!("opentelemetry for {language}")))]);
        if let Some(version) = resource.text(&["telemetry.sdk.version"]) {
            sdk.insert("sdk_version".to_owned(), json!(version));
        }
        put("xray", Some(Value::Object(sdk)));
    }
    let groups = resource.all().get("aws.log.group.names").and_then(Value::as_array).cloned().unwrap_or_default();
    if !groups.is_empty() {
        let groups: Vec<Value> = groups.into_iter().map(|group| json!({"log_group": group})).collect();
        put("cloudwatch_logs", Some(Value::Array(groups)));
    }
    (!aws.is_empty()).then_some(Value::Object(aws))
}

pub(super) fn sql(attributes: &mut Attributes) -> Option<Value> {
    let system = attributes.text(&["db.system.name", "db.system"]).filter(|system| SQL.contains(system))?.to_owned();
    let mut sql = Map::from_iter([("database_type".to_owned(), json!(system))]);
    for (field, names) in [
        ("sanitized_query", ["db.query.text", "db.statement"]),
        ("user", ["db.user", "db.user"]),
        ("url", ["db.url", "db.connection_string"]),
    ] {
        if let Some(value) = attributes.take(&names) {
            sql.insert(field.to_owned(), value);
        }
    }
    Some(Value::Object(sql))
}

pub(super) fn links(span: &Span) -> Option<Value> {
    let links: Vec<Value> = span
        .links
        .iter()
        .map(|link| {
            json!({"trace_id": trace_id(&link.trace_id), "id": hex(&link.span_id),
                   "attributes": Attributes::read(link.attributes.clone()).into_rest()})
        })
        .collect();
    (!links.is_empty()).then_some(Value::Array(links))
}
