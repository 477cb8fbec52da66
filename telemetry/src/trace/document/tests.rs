use std::sync::Arc;

use opentelemetry::trace::{Event, SpanContext, SpanKind, Status, TraceFlags, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_aws::xray_exporter::SegmentTranslator;
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use proptest::prelude::*;
use serde_json::Value as Json;
use trace_context::TraceHeader;

use super::super::annotations::ALL;
use super::*;
use crate::call::AwsCall;
use crate::error::Code;
use crate::field::{CorrelationId, Id};
use crate::scope::{Drain, Journal, Open, Unit};

const HEADER: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
const ORDER: &str = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff";

#[derive(Debug)]
struct Quiet(Config);

impl Drain for Quiet {
    fn config(&self) -> &Config {
        &self.0
    }
    fn drain(&self, _journal: &Journal) {}
    fn late(&self) {}
}

fn config() -> Config {
    let mut config = Config::new("shop", "processor", "dev").correlation_key("orderId");
    config.log_group = Some("/aws/lambda/shop-dev-processor".into());
    config
}

/// A unit under [`HEADER`], open.
fn unit(segment: bool) -> Open {
    let journal = Arc::new(Journal::new("8476a536-e9f4-11e8-9739-2dfe598c3fcd", false, Arc::new(Quiet(config()))));
    let unit = Unit::new(TraceHeader::parse(HEADER), segment, Arc::default());
    unit.correlation.get_or_init(|| CorrelationId::new(ORDER).unwrap());
    Open::unit(journal, unit, if segment { "record" } else { "handler" })
}

fn finished(open: Open, failure: Option<Failure>) -> Finished {
    let journal = Arc::clone(&open.scope.journal);
    open.close(failure);
    journal.take().finished.pop().unwrap()
}

fn call() -> AwsCall {
    AwsCall::sqs("SendMessage", &"https://sqs.us-east-1.amazonaws.com/1/q".into())
}

/// An open step of a unit.
fn step(name: &'static str, call: Option<AwsCall>, fields: Vec<(&'static str, Value)>) -> Open {
    Open::step(&unit(false).scope, name, call, fields)
}

fn failure(kind: ErrorKind) -> Option<Failure> {
    Some(Failure { class: "QueueUnreachable", kind, cause: "no answer", code: Code::new("ServiceUnavailable").ok() })
}

fn written(finished: &Finished) -> Json {
    let (mut out, mut cuts) = (String::new(), 0);
    Documents::new(&config())
        .open(finished, finished.scope.span.unwrap(), ALL, Place::Alone, &mut out, &mut cuts)
        .close();
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"))
}

/// The same step as an OpenTelemetry span, by the conventions that opentelemetry-aws translates.
fn span(finished: &Finished) -> SpanData {
    let (scope, data) = (&finished.scope, finished.scope.data());
    let span = scope.span.unwrap();
    let trace = opentelemetry::trace::TraceId::from(scope.unit.header.as_ref().unwrap().trace_id().get());
    let mut attributes = vec![
        KeyValue::new("annotation.orderId", ORDER),
        KeyValue::new("metadata.requestId", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
    ];
    for (key, text) in wanted(finished, &data) {
        attributes.push(KeyValue::new(format!("annotation.{key}"), text));
    }
    if let Some(call) = &data.call {
        attributes.extend([
            KeyValue::new("rpc.system", "aws-api"),
            KeyValue::new("rpc.service", call.service),
            KeyValue::new("rpc.method", call.operation),
            KeyValue::new("metadata.retries", data.response.retries.unwrap_or(0) as i64),
        ]);
        match &call.resource {
            Some(Resource::Queue(url)) => attributes.push(KeyValue::new("aws.sqs.queue.url", Arc::clone(url))),
            Some(Resource::Table(name)) => attributes.push(KeyValue::new("aws.table.name", Arc::clone(name))),
            None => {}
        }
        attributes.extend(data.response.request_id.map(|id| KeyValue::new("aws.request_id", id.as_str().to_owned())));
        attributes
            .extend(data.response.status.map(|status| KeyValue::new("http.response.status_code", i64::from(status))));
    }
    for (key, value) in &data.fields {
        let value = match value {
            Value::Static(text) => KeyValue::new(format!("metadata.{key}"), *text),
            Value::Count(count) => KeyValue::new(format!("metadata.{key}"), *count as i64),
            Value::Bool(value) => KeyValue::new(format!("metadata.{key}"), *value),
            Value::Id(id) => KeyValue::new(format!("metadata.{key}"), id.as_str().to_owned()),
            Value::Duration(value) => KeyValue::new(format!("metadata.{key}"), value.as_secs_f64() * 1e3),
        };
        attributes.push(value);
    }
    if scope.is_segment() {
        attributes.extend([
            KeyValue::new("service.name", "processor"),
            KeyValue::new("cloud.provider", "aws"),
            KeyValue::new("cloud.platform", "aws_lambda"),
        ]);
    }
    let end_time = scope.started_at() + finished.duration;
    let (mut status, mut events) = (Status::Unset, SpanEvents::default());
    if let Some(failure) = finished.failure {
        status = Status::error(failure.message());
        attributes.extend(failure.code.map(|code| KeyValue::new("metadata.errorCode", code.as_str().to_owned())));
        let exception =
            vec![KeyValue::new("exception.type", failure.class), KeyValue::new("exception.message", failure.message())];
        events.events.push(Event::new("exception", end_time, exception, 0));
    }
    SpanData {
        span_context: SpanContext::new(trace, span.id.get().into(), TraceFlags::SAMPLED, true, TraceState::default()),
        parent_span_id: span.parent.unwrap().get().into(),
        parent_span_is_remote: true,
        span_kind: match (scope.is_segment(), data.call.is_some()) {
            (true, _) => SpanKind::Server,
            (false, true) => SpanKind::Client,
            (false, false) => SpanKind::Internal,
        },
        name: scope.name.into(),
        start_time: scope.started_at(),
        end_time,
        attributes,
        dropped_attributes_count: 0,
        events,
        links: SpanLinks::default(),
        status,
        instrumentation_scope: InstrumentationScope::default(),
    }
}

/// Without what must differ: exception ids are drawn at random, the SDK names itself, log groups stand where X-Ray's own schema has them.
/// Times are compared apart: ours are to the microsecond.
fn comparable(mut document: Json) -> (Json, [f64; 2]) {
    let times = ["start_time", "end_time"].map(|time| document[time].take().as_f64().unwrap());
    if let Some(exceptions) = document.pointer_mut("/cause/exceptions").and_then(Json::as_array_mut) {
        for exception in exceptions {
            exception.as_object_mut().unwrap().remove("id");
        }
    }
    let members = document.as_object_mut().unwrap();
    members.remove("cloudwatch_logs");
    if let Some(aws) = members["aws"].as_object_mut() {
        aws.remove("xray");
        aws.remove("cloudwatch_logs");
        if aws.is_empty() {
            members.remove("aws");
        }
    }
    (document, times)
}

#[test]
fn documents_are_what_opentelemetry_aws_makes_of_the_same_steps() {
    let translator = SegmentTranslator::new().skip_timestamp_validation();
    let called = |kind: Option<ErrorKind>| {
        let open = step("enqueue", Some(call()), vec![("bytes", Value::Count(12)), ("first", Value::Bool(true))]);
        open.scope.data().response = AwsResponse {
            request_id: Id::new("5fea7756-0ea4-451a-a703-a558b933e274").ok(),
            retries: Some(2),
            status: Some(if kind.is_some() { 503 } else { 200 }),
        };
        finished(open, kind.and_then(failure))
    };
    for finished in [
        finished(step("parse", None, vec![("reason", Value::Static("a \"quoted\" text"))]), None),
        finished(step("decode", None, vec![]), failure(ErrorKind::Fault)),
        called(None),
        called(Some(ErrorKind::Fault)),
        finished(unit(true), None),
        finished(unit(true), failure(ErrorKind::Fault)),
        finished(unit(false), None),
    ] {
        let theirs = translator.translate_spans(std::slice::from_ref(&span(&finished))).pop().unwrap().to_string();
        let (ours, theirs) = (comparable(written(&finished)), comparable(serde_json::from_str(&theirs).unwrap()));
        assert_eq!(ours.0, theirs.0);
        assert!(ours.1.iter().zip(theirs.1).all(|(ours, theirs)| (ours - theirs).abs() < 2e-6), "{ours:?} {theirs:?}");
    }
}

#[test]
fn whose_fault_it_was_is_said_as_xray_says_it() {
    for (kind, flags) in [
        (ErrorKind::Rejected, (true, false, false)),
        (ErrorKind::Throttled, (true, true, false)),
        (ErrorKind::Fault, (false, false, true)),
    ] {
        let document = written(&finished(step("store", None, vec![]), failure(kind)));
        let flag = |name: &str| document.get(name) == Some(&true.into());
        assert_eq!((flag("error"), flag("throttle"), flag("fault")), flags, "{document}");
    }
}

#[test]
fn the_log_group_stands_where_xray_reads_it() {
    let document = written(&finished(unit(false), None));
    assert_eq!(
        document["aws"]["cloudwatch_logs"],
        serde_json::json!([{"log_group": "/aws/lambda/shop-dev-processor"}])
    );
}

#[test]
fn an_open_step_is_in_progress_and_has_no_end() {
    let open = step("store", None, vec![]);
    let mut out = String::new();
    Documents::new(&config()).in_progress(&open.scope, open.scope.span.unwrap(), &mut out);
    let document: Json = serde_json::from_str(&out).unwrap();
    assert_eq!(document["in_progress"], true);
    assert!(document.get("end_time").is_none());
}

#[test]
fn links_are_written_up_to_their_cap() {
    let open = unit(false);
    for trace in 1..=30 {
        let trace = trace_context::TraceId::new(trace).unwrap();
        open.scope.journal.link(trace, trace_context::SpanId::new(1).unwrap());
    }
    let document = written(&finished(open, None));
    let links = document["links"].as_array().unwrap();
    assert_eq!((links.len(), &document["metadata"]["producerTraces"]), (20, &30.into()));
    assert_eq!(
        links[0],
        serde_json::json!({"trace_id": "1-00000000-000000000000000000000001", "id": "0000000000000001"})
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Texts are fixed at compile time, so that nothing here is data; but nobody says how long they are.
    #[test]
    fn no_name_or_text_makes_a_document_that_xray_refuses(name in "(.{0,300}|x{100000})", key in "(.{0,40}|y{2000})", text in "(.{0,200}|z{100000})") {
        let [name, key, text]: [&'static str; 3] = [name, key, text].map(|text| &*text.leak());
        let fields = (0..24).map(|_| (key, Value::Static(text))).collect();
        let open = step(name, Some(AwsCall::new(name, text)), fields);
        let finished = finished(open, Some(Failure { class: text, kind: ErrorKind::Fault, cause: text, code: None }));
        let document = written(&finished);
        prop_assert!(document.to_string().len() <= super::super::MAX_DOCUMENT_BYTES);
        prop_assert_eq!(&document["fault"], &Json::Bool(true));
        let name = document["name"].as_str().unwrap();
        prop_assert!((1..=250).contains(&name.chars().count()));
    }
}
