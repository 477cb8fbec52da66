//! What becomes of spans; requests in OTLP's JSON, which is easier to read than protobuf.

use serde_json::{Value, json};

use super::*;

const TRACE: &str = "6553f100000000000000000000000001";

fn attributes(pairs: &[(&str, Value)]) -> Value {
    let any = |value: &Value| match value {
        Value::String(_) => json!({"stringValue": value}),
        Value::Bool(_) => json!({"boolValue": value}),
        Value::Number(number) if number.is_i64() => json!({"intValue": number.to_string()}),
        Value::Number(_) => json!({"doubleValue": value}),
        Value::Array(items) => {
            json!({"arrayValue": {"values": items.iter().map(|item| json!({"stringValue": item})).collect::<Value>()}})
        }
        other => panic!("{other}"),
    };
    pairs.iter().map(|(key, value)| json!({"key": key, "value": any(value)})).collect()
}

/// Server is 2, client 3, internal 1, consumer 5.
fn span(kind: u8, parent: &str, pairs: &[(&str, Value)], more: &Value) -> Value {
    let mut span = json!({"traceId": TRACE, "spanId": "00000000000000a1", "parentSpanId": parent, "name": "GET /orders/{id}", "kind": kind,
        "startTimeUnixNano": "1700000000000000000", "endTimeUnixNano": "1700000000250000000", "attributes": attributes(pairs)});
    span.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    span
}

fn converted(resource: &[(&str, Value)], span: &Value) -> Converted {
    let request = json!({"resourceSpans": [{"resource": {"attributes": attributes(resource)}, "scopeSpans": [{"scope": {"name": "lib"}, "spans": [span]}]}]});
    convert(read(request.to_string().as_bytes(), Encoding::Json).unwrap()).remove(0)
}

fn document(resource: &[(&str, Value)], span: &Value) -> Value {
    Value::Object(converted(resource, span).documents.remove(0))
}

#[test]
fn a_served_request_is_its_service_s_segment() {
    let resource = [
        ("service.name", json!("shop")),
        ("service.version", json!("1.2")),
        ("cloud.provider", json!("aws")),
        ("cloud.platform", json!("aws_lambda")),
        ("telemetry.sdk.language", json!("rust")),
    ];
    let pairs = [
        ("http.request.method", json!("GET")),
        ("url.scheme", json!("https")),
        ("server.address", json!("shop.example")),
        ("url.path", json!("/orders/1")),
        ("http.response.status_code", json!(200)),
        ("aws.xray.annotations", json!(["orderId"])),
        ("orderId", json!("o-1")),
        ("basket", json!(3)),
    ];
    let body = document(&resource, &span(2, "00000000000000b1", &pairs, &json!({})));
    assert_eq!(
        body,
        json!({"name": "shop", "id": "00000000000000a1", "trace_id": "1-6553f100-000000000000000000000001",
            "parent_id": "00000000000000b1", "start_time": 1_700_000_000.0, "end_time": 1_700_000_000.25,
            "origin": "AWS::Lambda::Function", "service": {"version": "1.2"},
            "http": {"request": {"method": "GET", "url": "https://shop.example/orders/1"}, "response": {"status": 200}},
            "aws": {"xray": {"sdk": "opentelemetry for rust"}},
            "annotations": {"orderId": "o-1"},
            "metadata": {"default": {"basket": 3, "server.address": "shop.example", "otel.resource.service.name": "shop",
                "otel.resource.service.version": "1.2", "otel.resource.cloud.provider": "aws",
                "otel.resource.cloud.platform": "aws_lambda", "otel.resource.telemetry.sdk.language": "rust"}}})
    );
}

#[test]
fn a_call_of_aws_is_a_subsegment_named_after_the_service() {
    let pairs = [
        ("rpc.system", json!("aws-api")),
        ("rpc.service", json!("DynamoDB")),
        ("rpc.method", json!("PutItem")),
        ("aws.dynamodb.table_names", json!(["orders"])),
        ("aws.request_id", json!("r-1")),
        ("annotation.orderId", json!("o-1")),
        ("metadata.step", json!("store")),
    ];
    let body = document(&[], &span(3, "00000000000000b1", &pairs, &json!({})));
    assert_eq!(
        (&body["name"], &body["type"], &body["namespace"]),
        (&json!("DynamoDB"), &json!("subsegment"), &json!("aws"))
    );
    assert_eq!(body["aws"], json!({"operation": "PutItem", "table_name": "orders", "request_id": "r-1"}));
    assert_eq!(
        (&body["annotations"], &body["metadata"]["default"]["step"]),
        (&json!({"orderId": "o-1"}), &json!("store"))
    );
}

#[test]
fn a_step_keeps_its_own_name_without_what_x_ray_refuses() {
    let body = document(&[("service.name", json!("shop"))], &span(1, "00000000000000b1", &[], &json!({})));
    assert_eq!((&body["name"], body.get("namespace")), (&json!("GET /orders/id"), None));
    let nameless = document(&[], &span(1, "00000000000000b1", &[], &json!({"name": "{}"})));
    assert_eq!(nameless["name"], "span");
}

#[test]
fn a_failure_is_judged_by_its_http_status_and_told_by_its_exceptions() {
    let event = json!({"name": "exception", "timeUnixNano": "1700000000100000000",
        "attributes": attributes(&[("exception.type", json!("Timeout")), ("exception.message", json!("after 3 s"))])});
    let failed = |pairs: &[(&str, Value)], status: Value| {
        document(&[], &span(2, "", pairs, &json!({"status": status, "events": [event]})))
    };
    let flags = |body: &Value| ["fault", "error", "throttle"].map(|flag| body.get(flag) == Some(&json!(true)));
    let error = json!({"code": 2, "message": "no"});
    let of = |status: i64| [("http.status_code", json!(status))];
    assert_eq!(flags(&failed(&[], error.clone())), [true, false, false]);
    assert_eq!(flags(&failed(&of(503), error.clone())), [true, false, false]);
    assert_eq!(flags(&failed(&of(404), error.clone())), [false, true, false]);
    assert_eq!(flags(&failed(&of(429), error.clone())), [false, true, true]);
    // Only a span that says so has failed.
    assert_eq!(flags(&failed(&of(500), json!({}))), [false, false, false]);
    let body = failed(&[], error);
    assert_eq!(
        (&body["cause"]["exceptions"][0]["type"], &body["cause"]["exceptions"][0]["message"]),
        (&json!("Timeout"), &json!("after 3 s"))
    );
}

#[test]
fn a_message_taken_as_outermost_work_is_a_segment_with_the_call_in_it() {
    let pairs = [
        ("aws.span.kind", json!("LOCAL_ROOT")),
        ("aws.local.service", json!("billing")),
        ("aws.remote.service", json!("orders-queue")),
        ("annotation.orderId", json!("o-1")),
    ];
    let documents = converted(&[], &span(5, "00000000000000b1", &pairs, &json!({}))).documents;
    let [service, call] = documents.as_slice() else { panic!("{documents:?}") };
    assert_eq!(
        (&service["name"], &service["parent_id"], service.get("type")),
        (&json!("billing"), &json!("00000000000000b1"), None)
    );
    assert_eq!(
        (&call["name"], &call["parent_id"], &call["namespace"]),
        (&json!("orders-queue"), &service["id"], &json!("remote"))
    );
    assert_eq!((service.get("annotations"), &call["annotations"]), (None, &json!({"orderId": "o-1"})));
}

#[test]
fn sql_links_and_a_span_that_goes_on_have_their_places() {
    let pairs = [
        ("db.system", json!("postgresql")),
        ("db.name", json!("shop")),
        ("net.peer.name", json!("db.example")),
        ("db.statement", json!("SELECT ?")),
    ];
    let link = json!({"traceId": "6553f100000000000000000000000002", "spanId": "00000000000000c1"});
    let body = document(&[], &span(3, "00000000000000b1", &pairs, &json!({"links": [link], "endTimeUnixNano": "0"})));
    assert_eq!(body["name"], "shop@db.example");
    assert_eq!(body["sql"], json!({"database_type": "postgresql", "sanitized_query": "SELECT ?"}));
    assert_eq!(body["links"][0]["trace_id"], "1-6553f100-000000000000000000000002");
    assert_eq!((&body["in_progress"], body.get("end_time")), (&json!(true), None));
}

#[test]
fn what_x_ray_would_refuse_is_refused_and_never_a_panic() {
    for (trace, id) in [("", "00000000000000a1"), ("6553f1", "00000000000000a1"), (TRACE, "a1")] {
        let body = document(&[], &span(2, "", &[], &json!({"traceId": trace, "spanId": id})));
        let read = crate::document::read(body.as_object().unwrap().clone(), 0);
        assert!(read.is_err(), "{trace} {id}");
    }
    assert!(read_base64("!").unwrap_err().contains("base64"));
    assert!(gunzip(b"plain").is_err());
}

#[test]
fn the_record_is_the_span_as_it_came() {
    let pairs = [("http.response.status_code", json!(503)), ("orderId", json!("o-1"))];
    let status = json!({"status": {"code": 2, "message": "no"}});
    let record = converted(&[("service.name", json!("shop"))], &span(2, "00000000000000b1", &pairs, &status)).record;
    assert_eq!(
        record,
        json!({"resource": {"attributes": {"service.name": "shop"}}, "scope": {"name": "lib", "version": ""}, "traceId": TRACE,
            "spanId": "00000000000000a1", "parentSpanId": "00000000000000b1", "flags": 0, "name": "GET /orders/{id}", "kind": "SERVER",
            "startTimeUnixNano": 1_700_000_000_000_000_000_u64, "endTimeUnixNano": 1_700_000_000_250_000_000_u64, "durationNano": 250_000_000,
            "attributes": {"http.response.status_code": 503, "orderId": "o-1"}, "status": {"code": "ERROR", "message": "no"}})
    );
}
