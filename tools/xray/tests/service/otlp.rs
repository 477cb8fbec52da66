//! OpenTelemetry's spans, from its own exporter by HTTP and from AWS's form of it by UDP.

use std::time::{Duration, UNIX_EPOCH};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use opentelemetry::{
    InstrumentationScope, KeyValue,
    trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState},
};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_proto::{
    tonic::collector::trace::v1::ExportTraceServiceRequest,
    transform::{common::tonic::ResourceAttributesWithSchema, trace::tonic::group_spans_by_resource_and_scope},
};
use opentelemetry_sdk::{
    Resource,
    trace::{SpanData, SpanEvents, SpanExporter as _, SpanLinks},
};
use prost::Message as _;
use serde_json::{Value, json};

use crate::{
    common::{NOW, Service, config, service, time, trace_id},
    udp::{HEADER, receiver, until},
};

fn span(id: u64, parent: u64, kind: SpanKind, attributes: Vec<KeyValue>, status: Status) -> SpanData {
    let at = |seconds: f64| UNIX_EPOCH + Duration::from_secs_f64(NOW + seconds);
    let trace = TraceId::from_hex(&trace_id(7).replace("1-", "").replace('-', "")).unwrap();
    SpanData {
        span_context: SpanContext::new(trace, SpanId::from(id), TraceFlags::SAMPLED, false, TraceState::default()),
        parent_span_id: SpanId::from(parent),
        parent_span_is_remote: false,
        span_kind: kind,
        name: "work".into(),
        start_time: at(0.0),
        end_time: at(0.5),
        attributes,
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status,
        instrumentation_scope: InstrumentationScope::builder("test").build(),
    }
}

/// A request that was served, and the call that it made and that failed.
fn spans() -> Vec<SpanData> {
    let call = vec![
        KeyValue::new("rpc.system", "aws-api"),
        KeyValue::new("rpc.service", "DynamoDB"),
        KeyValue::new("rpc.method", "PutItem"),
        KeyValue::new("aws.table.name", "orders"),
    ];
    vec![
        span(1, 0, SpanKind::Server, vec![KeyValue::new("annotation.orderId", "o-7")], Status::Unset),
        span(2, 1, SpanKind::Client, call, Status::error("slow down")),
    ]
}

fn resource() -> Resource {
    Resource::builder_empty().with_attribute(KeyValue::new("service.name", "shop")).build()
}

fn datagram(prefix: &str) -> String {
    let resource_spans = group_spans_by_resource_and_scope(spans(), &ResourceAttributesWithSchema::from(&resource()));
    let request = ExportTraceServiceRequest { resource_spans };
    format!("{HEADER}{prefix}{}", BASE64_STANDARD.encode(request.encode_to_vec()))
}

async fn the_trace_is_there(service: &Service) {
    let found = service
        .client
        .get_trace_summaries()
        .start_time(time(NOW - 60.0))
        .end_time(time(NOW + 60.0))
        .filter_expression(r#"annotation.orderId = "o-7" AND service("orders") { fault }"#)
        .send()
        .await
        .unwrap();
    assert_eq!(found.trace_summaries()[0].id(), Some(trace_id(7).as_str()));
    let traces = service.client.batch_get_traces().trace_ids(trace_id(7)).send().await.unwrap();
    let documents: Vec<Value> = traces.traces()[0]
        .segments()
        .iter()
        .map(|segment| serde_json::from_str(segment.document().unwrap()).unwrap())
        .collect();
    let shop = documents.iter().find(|document| document["name"] == "shop").unwrap();
    let call = &shop["subsegments"][0];
    assert_eq!(
        (&call["name"], &call["aws"]["operation"], &call["fault"]),
        (&json!("DynamoDB"), &json!("PutItem"), &json!(true))
    );
    assert_eq!(call["cause"]["exceptions"][0]["message"], "slow down");
}

#[tokio::test]
async fn opentelemetry_s_exporter_sends_by_http() {
    let service = service(config()).await;
    let mut exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(opentelemetry_http::hyper::HyperClient::with_default_connector(Duration::from_secs(10), None))
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{}/v1/traces", service.endpoint))
        .build()
        .unwrap();
    exporter.set_resource(&resource());
    exporter.export(spans()).await.unwrap();
    the_trace_is_there(&service).await;
}

#[tokio::test]
async fn spans_in_a_datagram_become_traces() {
    let service = service(config()).await;
    let sender = receiver(&service.store).await;
    sender.send(datagram("T1S").as_bytes()).await.unwrap();
    until(&service.store, |store| store.stats().stored == 2).await;
    the_trace_is_there(&service).await;
}

#[tokio::test]
async fn spans_that_were_not_sampled_are_counted_and_reach_transaction_search_only() {
    let service = service(config()).await;
    let sender = receiver(&service.store).await;
    sender.send(datagram("T1U").as_bytes()).await.unwrap();
    until(&service.store, |store| store.stats().unsampled == 2).await;
    assert_eq!((service.store.stats().stored, service.store.stats().rejected), (0, 0));
    service.store.set_destination(xray::Destination::CloudWatchLogs);
    let mut records = service.store.records();
    sender.send(datagram("T1U").as_bytes()).await.unwrap();
    assert_eq!(records.recv().await.unwrap()["name"], "work");
    until(&service.store, |store| store.stats().stored == 2).await;
}

#[tokio::test]
async fn what_can_not_be_read_is_refused_in_words_and_what_x_ray_refuses_is_partial_success() {
    let service = service(config()).await;
    let post = |kind: &'static str, body: String| {
        let (url, client) = (format!("{}/v1/traces", service.endpoint), crate::common::http());
        async move {
            let request = axum::http::Request::post(url).header("content-type", kind).body(body).unwrap();
            let answer = client.request(request).await.unwrap();
            let status = answer.status().as_u16();
            let body = http_body_util::BodyExt::collect(answer.into_body()).await.unwrap().to_bytes();
            (status, String::from_utf8_lossy(&body).into_owned())
        }
    };
    assert_eq!(post("text/plain", String::new()).await.0, 415);
    let (status, why) = post("application/json", "{".into()).await;
    assert_eq!(status, 400);
    assert!(why.starts_with("not OTLP JSON"), "{why}");
    let bad = json!({"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "00", "spanId": "00000000000000a1", "name": "x",
        "startTimeUnixNano": "1", "endTimeUnixNano": "2"}]}]}]});
    let (status, answer) = post("application/json", bad.to_string()).await;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!((status, &answer["partialSuccess"]["rejectedSpans"]), (200, &json!("1")));
    assert!(answer["partialSuccess"]["errorMessage"].as_str().unwrap().contains("InvalidTraceId"), "{answer}");
    assert_eq!(service.store.refused()[0].code, "InvalidTraceId");
}
