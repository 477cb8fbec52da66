use std::sync::Arc;

use proptest::prelude::*;
use serde_json::Value as Json;
use trace_context::TraceHeader;

use super::{super::annotations::ALL, *};
use crate::{
    call::{AwsCall, AwsResponse},
    error::{Code, ErrorKind, Failure},
    field::{CorrelationId, Id, Value},
    scope::{Drain, Journal, Open, Unit},
};

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
    let unit = Unit::new(TraceHeader::parse(HEADER), segment, false, Arc::default());
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
        .unwrap();
    out.push('}');
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"))
}

#[test]
fn a_failed_call_is_a_whole_subsegment_as_xray_has_it() {
    let open = step("enqueue", Some(call()), vec![("bytes", Value::Count(12)), ("first", Value::Bool(true))]);
    open.scope.data().response = AwsResponse {
        request_id: Id::new("5fea7756-0ea4-451a-a703-a558b933e274").ok(),
        retries: Some(2),
        status: Some(503),
    };
    let mut document = written(&finished(open, failure(ErrorKind::Fault)));
    for drawn in ["/id", "/parent_id", "/start_time", "/end_time", "/cause/exceptions/0/id"] {
        assert!(!document.pointer_mut(drawn).unwrap().take().is_null(), "{drawn}");
    }
    let _ = document["aws"].as_object_mut().unwrap().remove("xray");
    assert_eq!(
        document,
        serde_json::json!({
            "type": "subsegment",
            "name": "SQS",
            "id": null,
            "trace_id": "1-5759e988-bd862e3fe1be46a994272793",
            "parent_id": null,
            "start_time": null,
            "end_time": null,
            "namespace": "aws",
            "http": {"response": {"status": 503}},
            "aws": {
                "operation": "SendMessage",
                "queue_url": "https://sqs.us-east-1.amazonaws.com/1/q",
                "request_id": "5fea7756-0ea4-451a-a703-a558b933e274",
                "cloudwatch_logs": [{"log_group": "/aws/lambda/shop-dev-processor"}],
            },
            "fault": true,
            "cause": {"exceptions": [{
                "id": null, "type": "QueueUnreachable", "message": "no answer", "remote": true,
            }]},
            "annotations": {"orderId": ORDER, "outcome": "fault", "errorClass": "QueueUnreachable", "step": "enqueue"},
            "metadata": {
                "requestId": "8476a536-e9f4-11e8-9739-2dfe598c3fcd", "retries": 2, "errorCode": "ServiceUnavailable",
                "bytes": 12, "first": true,
            },
        })
    );
}

#[test]
fn a_record_is_a_segment_of_its_function() {
    let document = written(&finished(unit(true), None));
    assert_eq!(document["name"], "processor");
    assert_eq!(document["origin"], "AWS::Lambda::Function");
    assert_eq!(document["parent_id"], "53995c3f42cd8ad8");
    assert!(document.get("type").is_none());
}

#[test]
fn a_step_inside_its_parents_document_repeats_nothing_of_it() {
    let (open, mut out, mut cuts) = (step("store", Some(call()), vec![]), String::new(), 0);
    let finished = finished(open, None);
    let span = finished.scope.span.unwrap();
    Documents::new(&config()).open(&finished, span, ALL, Place::Nested, &mut out, &mut cuts).unwrap();
    out.push('}');
    let document: Json = serde_json::from_str(&out).unwrap();
    assert_eq!(document["id"], *span.id.hex());
    for repeated in ["type", "trace_id", "parent_id"] {
        assert!(document.get(repeated).is_none(), "{document}");
    }
    assert!(document["aws"].get("cloudwatch_logs").is_none());
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
    Documents::new(&config()).in_progress(&open.scope, open.scope.span.unwrap(), &mut out).unwrap();
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
    fn no_name_or_text_makes_a_document_that_xray_refuses(name in "(.{0,300}|x{3000})", key in "(.{0,40}|y{2000})", text in "(.{0,200}|z{3000})") {
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
