use std::time::{Duration, SystemTime};

use opentelemetry::trace::{Event, Link, SpanContext, SpanId, TraceFlags, TraceId, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_aws::xray_exporter::SegmentTranslator;
use opentelemetry_sdk::trace::{SpanEvents, SpanLinks};
use proptest::prelude::*;
use serde_json::Value as Json;

use super::*;

fn span_context(id: u64) -> SpanContext {
    let trace = TraceId::from(0x5759_e988_bd86_2e3f_e1be_46a9_9427_2793_u128);
    SpanContext::new(trace, SpanId::from(id), TraceFlags::SAMPLED, true, TraceState::default())
}

fn span(kind: SpanKind, name: &str, attributes: Vec<KeyValue>) -> SpanData {
    let start_time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_465_510_280_123);
    SpanData {
        span_context: span_context(7),
        parent_span_id: SpanId::from(6),
        parent_span_is_remote: true,
        span_kind: kind,
        name: name.to_owned().into(),
        start_time,
        end_time: start_time + Duration::from_millis(12),
        attributes,
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: InstrumentationScope::default(),
    }
}

fn failing(mut span: SpanData, message: &str) -> SpanData {
    span.status = Status::error(message.to_owned());
    let attributes = vec![
        KeyValue::new("exception.type", "QueueUnreachable"),
        KeyValue::new("exception.message", message.to_owned()),
    ];
    span.events.events.push(Event::new("exception", span.end_time, attributes, 0));
    span
}

fn documents() -> Documents {
    Documents::new(Some("/aws/lambda/shop-dev-validator"), "orderId")
}

fn written(span: SpanData) -> Json {
    serde_json::from_str(&documents().document(span, false).unwrap()).unwrap()
}

/// Exception ids are drawn at random.
fn without_random_ids(mut document: Json) -> Json {
    if let Some(exceptions) = document.pointer_mut("/cause/exceptions").and_then(Json::as_array_mut) {
        for exception in exceptions {
            exception.as_object_mut().unwrap().remove("id");
        }
    }
    document
}

fn aws_call() -> Vec<KeyValue> {
    vec![
        KeyValue::new("rpc.system", "aws-api"),
        KeyValue::new("rpc.service", "SQS"),
        KeyValue::new("rpc.method", "SendMessage"),
        KeyValue::new("aws.sqs.queue.url", "https://sqs.us-east-1.amazonaws.com/1/q"),
        KeyValue::new("annotation.step", "enqueue"),
        KeyValue::new("metadata.retries", 2),
        KeyValue::new("http.response.status_code", 503),
    ]
}

#[test]
fn what_needs_no_mending_is_the_translators_own_document() {
    let translator = SegmentTranslator::new()
        .skip_timestamp_validation()
        .with_log_group_name("/aws/lambda/shop-dev-validator".to_owned());
    for span in [
        span(SpanKind::Internal, "parse", vec![KeyValue::new("annotation.outcome", "ok")]),
        span(SpanKind::Client, "enqueue", aws_call()),
        failing(span(SpanKind::Client, "enqueue", aws_call()), "no answer"),
        failing(span(SpanKind::Internal, "decode", vec![]), "unreadable"),
        span(SpanKind::Server, "record", vec![KeyValue::new("service.name", "processor")]),
        failing(span(SpanKind::Server, "record", vec![KeyValue::new("service.name", "processor")]), "late"),
    ] {
        let theirs = translator.translate_spans(std::slice::from_ref(&span)).pop().unwrap().to_string();
        let theirs: Json = serde_json::from_str(&theirs).unwrap();
        assert_eq!(without_random_ids(written(span)), without_random_ids(theirs));
    }
}

#[test]
fn what_the_translator_would_refuse_is_mended() {
    let translator = SegmentTranslator::new().skip_timestamp_validation();
    let refused = |span: &SpanData| translator.translate_spans(std::slice::from_ref(span)).is_empty();

    let forbidden = span(SpanKind::Internal, "GET /users/{id}", vec![]);
    assert!(refused(&forbidden), "the translator takes this name now: the guard may go");
    assert_eq!(written(forbidden)["name"], "GET /users/_id_");

    let mut no_status = failing(span(SpanKind::Internal, "decode", vec![]), "unreadable");
    no_status.status = Status::Unset;
    assert!(refused(&no_status), "the translator takes causes without status now: the guard may go");
    let document = written(no_status);
    assert_eq!(document["fault"], true);
    assert_eq!(document["cause"]["exceptions"][0]["message"], "unreadable");

    let mut bare = span(SpanKind::Internal, "decode", vec![]);
    bare.status = Status::error("why");
    assert_eq!(written(bare)["cause"]["exceptions"][0]["message"], "why");
}

#[test]
fn a_document_over_the_limit_keeps_outcome_and_cause() {
    let mut attributes = vec![
        KeyValue::new("annotation.step", "store"),
        KeyValue::new("annotation.outcome", "fault"),
        KeyValue::new("annotation.errorClass", "TableUnreachable"),
        KeyValue::new("annotation.orderId", "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"),
    ];
    attributes.extend((0..200).map(|at| KeyValue::new(format!("metadata.m{at}"), "x".repeat(500))));
    let document = documents()
        .document(failing(span(SpanKind::Internal, "store", attributes), &"y".repeat(100_000)), false)
        .unwrap();
    assert!(document.len() <= MAX_DOCUMENT_BYTES);
    let document: Json = serde_json::from_str(&document).unwrap();
    assert_eq!(document["annotations"]["outcome"], "fault");
    assert_eq!(document["annotations"]["errorClass"], "TableUnreachable");
    assert_eq!(document["annotations"]["orderId"], "6f9619ff-8b86-4d01-b42d-00cf4fc964ff");
    assert_eq!(document["fault"], true);
    assert_eq!(document["cause"]["exceptions"][0]["type"], "QueueUnreachable");
    assert_eq!(document["metadata"]["truncated"], true);
}

#[test]
fn a_thousand_exceptions_leave_the_last() {
    let mut span = span(SpanKind::Internal, "store", vec![KeyValue::new("annotation.outcome", "fault")]);
    for at in 0..1000 {
        span = failing(span, &format!("{at} {}", "z".repeat(900)));
    }
    let document = documents().document(span, false).unwrap();
    assert!(document.len() <= MAX_DOCUMENT_BYTES);
    assert!(document.contains("\"999 z"));
}

#[test]
fn an_open_step_is_in_progress_and_has_no_end() {
    let document = documents().document(span(SpanKind::Internal, "store", vec![]), true).unwrap();
    let document: Json = serde_json::from_str(&document).unwrap();
    assert_eq!(document["in_progress"], true);
    assert!(document.get("end_time").is_none());
}

#[test]
fn links_are_written_up_to_their_cap() {
    let mut span = span(SpanKind::Internal, "handler", vec![]);
    span.links.links.extend((1..=30).map(|id| Link::new(span_context(id), Vec::new(), 0)));
    let document = written(span);
    let links = document["links"].as_array().unwrap();
    assert_eq!(links.len(), MAX_LINKS);
    assert_eq!(links[0]["trace_id"], "1-5759e988-bd862e3fe1be46a994272793");
    assert_eq!(links[0]["id"], "0000000000000001");
}

#[test]
fn a_text_that_looks_like_a_member_stays_a_text() {
    let text = "\"fault\":true,\"end_time\":1}";
    let mut attributes = vec![KeyValue::new("annotation.note", text)];
    attributes.push(KeyValue::new(KIND, "rejected"));
    let document = written(failing(span(SpanKind::Internal, "store", attributes), text));
    assert_eq!(document["annotations"]["note"], text);
    assert_eq!((&document["error"], document.get("fault")), (&Json::Bool(true), None));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_name_or_text_loses_a_document(name in ".{0,300}", key in ".{0,40}", text in ".{0,200}") {
        let attributes = vec![KeyValue::new(format!("annotation.{key}"), text.clone()), KeyValue::new("rpc.service", name.clone())];
        let document = documents().document(failing(span(SpanKind::Client, &name, attributes), &text), false);
        prop_assert!(document.is_ok());
        let document: Json = serde_json::from_str(&document.unwrap()).unwrap();
        prop_assert_eq!(&document["fault"], &Json::Bool(true));
    }
}
