//! Spans in OpenTelemetry's protocol, as AWS's own layers send them.

use std::{convert::Infallible, net::UdpSocket, sync::Arc, time::Duration};

use base64::Engine as _;
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{AnyValue, KeyValue, any_value::Value},
    trace::v1::{Span, span::SpanKind, status::StatusCode},
};
use prost::Message as _;
use telemetry::{
    AwsCall, Config, CorrelationId, ErrorKind, Record, Step, TraceFormat, step,
    testing::{Harness, SAMPLED, UNSAMPLED},
};

use super::common::{Failing, ORDER, config};

fn otlp(service: &str) -> Config {
    let mut config = config(service);
    config.trace_format = TraceFormat::Otlp;
    config.log_group = Some("/aws/lambda/shop-test-validator".to_owned());
    config
}

/// A datagram behind its header: the word, and the request.
fn read(payload: &str) -> (&str, ExportTraceServiceRequest) {
    let (word, request) = payload.split_at(3);
    let bytes = base64::engine::general_purpose::STANDARD.decode(request).unwrap();
    (word, ExportTraceServiceRequest::decode(&*bytes).unwrap())
}

fn spans(request: &ExportTraceServiceRequest) -> Vec<&Span> {
    let scopes = request.resource_spans.iter().flat_map(|resource| &resource.scope_spans);
    scopes.flat_map(|scope| &scope.spans).collect()
}

fn named<'s>(spans: &[&'s Span], name: &str) -> &'s Span {
    spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("no {name} in {spans:?}"))
}

fn attribute<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a Value> {
    attributes.iter().find(|attribute| attribute.key == key)?.value.as_ref()?.value.as_ref()
}

fn text(attributes: &[KeyValue], key: &str) -> Option<String> {
    match attribute(attributes, key) {
        Some(Value::StringValue(text)) => Some(text.clone()),
        _ => None,
    }
}

fn texts(attributes: &[KeyValue], key: &str) -> Vec<String> {
    let Some(Value::ArrayValue(array)) = attribute(attributes, key) else { return Vec::new() };
    let text = |value: &AnyValue| match &value.value {
        Some(Value::StringValue(text)) => text.clone(),
        other => panic!("{other:?}"),
    };
    array.values.iter().map(text).collect()
}

#[tokio::test]
async fn a_units_spans_go_out_in_one_datagram_with_the_words_aws_reads() {
    let daemon = UdpSocket::bind("127.0.0.1:0").unwrap();
    daemon.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    let mut config = otlp("validator");
    config.daemon_address = daemon.local_addr().unwrap().to_string();
    let queue: Arc<str> = "https://sqs.us-east-1.amazonaws.com/1/orders".into();
    let (_, captured) = Harness::with_socket(config)
        .unwrap()
        .invoke(Some(SAMPLED), async {
            step::correlate(CorrelationId::new(ORDER).unwrap());
            Step::new("parse").field("bytes", 412u64).run_sync(|| Ok::<_, Failing>(()))?;
            let send = async { Err::<(), _>(Failing(ErrorKind::Throttled)) };
            Step::new("enqueue").aws(AwsCall::sqs("SendMessage", &queue)).run(send).await
        })
        .await;
    let mut buffer = [0; 65_536];
    let length = daemon.recv(&mut buffer).unwrap();
    let datagram = std::str::from_utf8(&buffer[..length]).unwrap();
    let (header, payload) = datagram.split_once('\n').unwrap();
    let header: serde_json::Value = serde_json::from_str(header).unwrap();
    assert_eq!(header, serde_json::json!({"format": "json", "version": 1}));
    let (word, request) = read(payload);
    assert_eq!(word, "T1S");

    let resource = &request.resource_spans[0].resource.as_ref().unwrap().attributes;
    assert_eq!(text(resource, "service.name").unwrap(), "validator");
    assert_eq!(texts(resource, "aws.log.group.names"), ["/aws/lambda/shop-test-validator"]);

    let spans = spans(&request);
    assert_eq!(spans.len(), 3);
    let (handler, parse, enqueue) = (named(&spans, "handler"), named(&spans, "parse"), named(&spans, "enqueue"));
    for span in &spans {
        assert_eq!(span.trace_id, 0x5759_e988_bd86_2e3f_e1be_46a9_9427_2793_u128.to_be_bytes());
        assert_eq!(span.flags & 1, 1, "sampled");
        assert!(span.end_time_unix_nano >= span.start_time_unix_nano);
        assert_eq!(text(&span.attributes, "orderId").unwrap(), ORDER);
    }
    assert_eq!(handler.parent_span_id, 0x5399_5c3f_42cd_8ad8_u64.to_be_bytes());
    assert_eq!((&parse.parent_span_id, &enqueue.parent_span_id), (&handler.span_id, &handler.span_id));
    assert_eq!(attribute(&parse.attributes, "bytes"), Some(&Value::IntValue(412)));
    assert!(texts(&parse.attributes, "aws.xray.annotations").contains(&"orderId".to_owned()), "indexed");
    assert_eq!(enqueue.kind, i32::from(SpanKind::Client));
    assert_eq!(text(&enqueue.attributes, "rpc.method").unwrap(), "SendMessage");
    assert_eq!(text(&enqueue.attributes, "aws.sqs.queue.url").unwrap(), &*queue);
    assert_eq!(enqueue.status.as_ref().unwrap().code, i32::from(StatusCode::Error));
    assert_eq!(text(&enqueue.events[0].attributes, "exception.type").unwrap(), "Failing");
    let line = captured.step("parse").unwrap();
    let id: String = parse.span_id.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(line["spanId"], id, "the ids are those of the log");
}

#[tokio::test]
async fn spans_that_are_not_sampled_go_out_as_such() {
    let (_, captured) = Harness::new(otlp("validator"))
        .unwrap()
        .invoke(Some(UNSAMPLED), async { Step::new("parse").run_sync(|| Ok::<_, Infallible>(())) })
        .await;
    let (word, request) = read(&captured.payloads[0]);
    let spans = spans(&request);
    assert_eq!((captured.payloads.len(), word, spans.len()), (1, "T1U", 2));
    assert!(spans.iter().all(|span| span.flags & 1 == 0));
    assert!(spans.iter().all(|span| attribute(&span.attributes, "aws.xray.annotations").is_none()), "none is kept");
    let lines = captured.logs.iter().filter(|line| line["step"] == "parse").count();
    assert_eq!(lines, 0, "a line of its own is for what X-Ray keeps");
    assert_eq!(captured.step("parse").unwrap()["spanId"].as_str().unwrap().len(), 16);
}

#[tokio::test]
async fn a_record_and_its_batch_follow_their_own_decisions() {
    let attributes = [("AWSTraceHeader".to_owned(), UNSAMPLED.to_owned())].into();
    let record = Record::from_sqs(None, &attributes, None);
    let (_, captured) = Harness::new(otlp("processor"))
        .unwrap()
        .invoke(Some(&SAMPLED.replace("272793", "272794")), async {
            record.run(async { Step::new("store").run_sync(|| Ok::<_, Infallible>(())) }).await
        })
        .await;
    let words: Vec<_> = captured.payloads.iter().map(|payload| read(payload)).collect();
    let names = |request| spans(request).iter().map(|span| span.name.clone()).collect::<Vec<_>>();
    assert_eq!((words[0].0, names(&words[0].1)), ("T1S", vec!["handler".to_owned()]));
    assert_eq!((words[1].0, names(&words[1].1)), ("T1U", vec!["record".to_owned(), "store".to_owned()]));
    let spans = spans(&words[1].1);
    let record = named(&spans, "record");
    assert_eq!(record.kind, i32::from(SpanKind::Server));
    assert_eq!(record.parent_span_id, 0x5399_5c3f_42cd_8ad8_u64.to_be_bytes(), "in its producer's trace");
}

#[tokio::test]
async fn without_a_decision_nothing_is_sent() {
    for header in [None, Some("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8")] {
        let (_, captured) =
            Harness::new(otlp("validator")).unwrap().invoke(header, async { Ok::<_, Infallible>(()) }).await;
        assert!(captured.payloads.is_empty(), "{header:?}");
    }
}

#[tokio::test]
async fn what_does_not_fit_into_one_datagram_goes_into_more_and_none_is_lost() {
    let (_, captured) = Harness::new(otlp("validator"))
        .unwrap()
        .invoke(Some(SAMPLED), async {
            for _ in 0..900 {
                Step::new("parse").field("bytes", 412u64).run_sync(|| Ok::<_, Infallible>(()))?;
            }
            Ok::<_, Infallible>(())
        })
        .await;
    assert!(captured.payloads.len() > 2);
    assert!(captured.payloads.iter().all(|payload| payload.len() <= telemetry::trace::MAX_DOCUMENT_BYTES));
    let total: usize = captured.payloads.iter().map(|payload| spans(&read(payload).1).len()).sum();
    assert_eq!((total, captured.metric("TelemetryDropped")), (901, vec![]));
}

#[tokio::test]
async fn datagrams_over_the_cap_are_counted_by_their_spans() {
    let mut config = otlp("validator");
    config.max_documents = 1;
    let (_, captured) = Harness::new(config)
        .unwrap()
        .invoke(Some(SAMPLED), async {
            for _ in 0..900 {
                Step::new("parse").run_sync(|| Ok::<_, Infallible>(()))?;
            }
            Ok::<_, Infallible>(())
        })
        .await;
    assert_eq!(captured.payloads.len(), 1);
    let (_, request) = read(&captured.payloads[0]);
    let spans = spans(&request);
    assert_eq!(spans[0].name, "handler", "the invocation's own is the last to be left out");
    assert_eq!(captured.metric("TelemetryDropped"), [901.0 - spans.len() as f64]);
}

#[tokio::test]
async fn spans_of_trusted_targets_are_among_them() {
    let (_, captured) = Harness::new(otlp("validator").trust_target("shop_library"))
        .unwrap()
        .invoke(Some(UNSAMPLED), async {
            Step::new("parse").run_sync(|| {
                tracing::info_span!(target: "shop_library", "read", bytes = 12i64).in_scope(|| {});
                Ok::<_, Infallible>(())
            })
        })
        .await;
    let (word, request) = read(&captured.payloads[0]);
    let spans = spans(&request);
    let read = named(&spans, "read");
    assert_eq!((word, &read.parent_span_id), ("T1U", &named(&spans, "parse").span_id));
    assert_eq!(attribute(&read.attributes, "bytes"), Some(&Value::IntValue(12)));
}
