//! Records of a batch in their producers' traces.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use aws_lambda_events::sqs::SqsEvent;
use telemetry::{
    AwsCall, CorrelationId, ErrorKind, Record, Source, Step, propagate, step,
    testing::{SAMPLED, UNSAMPLED},
};

use super::common::{Failing, ORDER, assert_conform, harness};

const LAMBDAS: &str = "Root=1-66666666-aaaaaaaaaaaaaaaaaaaaaaaa;Parent=1111111111111111;Sampled=1";

fn record(header: Option<&str>, traceparent: Option<&str>) -> Record {
    let sent = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() - Duration::from_secs(3);
    let mut attributes = HashMap::from([
        ("SentTimestamp".to_owned(), sent.as_millis().to_string()),
        ("ApproximateReceiveCount".to_owned(), "2".to_owned()),
    ]);
    if let Some(header) = header {
        attributes.insert("AWSTraceHeader".to_owned(), header.to_owned());
    }
    Record::from_sqs(Some("059f36b4-87a3-44ab-83d2-661975830a7d"), &attributes, traceparent)
}

#[tokio::test]
async fn a_record_is_a_segment_in_its_producers_trace() {
    let table: Arc<str> = "shop-test-orders".into();
    let (_, captured) = harness("processor")
        .invoke(Some(LAMBDAS), async {
            record(Some(SAMPLED), None)
                .run(async {
                    step::correlate(CorrelationId::new(ORDER).unwrap());
                    Step::new("store")
                        .aws(AwsCall::dynamodb("PutItem", &table))
                        .run(async { Ok::<_, Infallible>(()) })
                        .await
                })
                .await
        })
        .await;
    assert_conform(&captured.documents);
    let segment = captured.segment("processor").expect("named after the service");
    assert!(segment.get("type").is_none(), "a segment, not a subsegment");
    assert_eq!(segment["trace_id"], "1-5759e988-bd862e3fe1be46a994272793");
    assert_eq!(segment["parent_id"], "53995c3f42cd8ad8");
    assert_eq!(segment["origin"], "AWS::Lambda::Function");
    assert_eq!(segment["annotations"]["orderId"], ORDER);
    assert_eq!(segment["metadata"]["receiveCount"], 2);
    assert!(segment["metadata"]["queueWaitMs"].as_f64().unwrap() >= 3000.0);
    let store = captured.segment("DynamoDB").unwrap();
    assert_eq!(store["parent_id"], segment["id"]);
    assert_eq!(store["trace_id"], segment["trace_id"]);
    assert_eq!(store["aws"]["table_name"], "shop-test-orders");

    let batch = captured.segment("handler").unwrap();
    assert_eq!(batch["trace_id"], "1-66666666-aaaaaaaaaaaaaaaaaaaaaaaa");
    assert_eq!(batch["links"][0]["trace_id"], segment["trace_id"]);
    assert_eq!(batch["metadata"]["producerTraceIds"][0], segment["trace_id"]);

    assert_eq!(captured.step("store").unwrap()["traceId"], segment["trace_id"]);
    assert_eq!(captured.step("store").unwrap()["orderId"], ORDER);
    let line = captured.step("record").unwrap();
    assert!(captured.step("handler").is_none(), "the only record's line is its batch's, too");
    assert_eq!((&line["batchTraceId"], &line["spanId"]), (&batch["trace_id"], &segment["id"]));
    assert_eq!((captured.metric("HandlerDuration").len(), captured.metric("RecordDuration").len()), (1, 1));
}

#[tokio::test]
async fn every_record_of_a_batch_keeps_its_own_outcome_and_id() {
    let headers = [1, 2, 3].map(|at| format!("Root=1-5759e988-{at:024};Parent=53995c3f42cd8ad8;Sampled=1"));
    let (_, captured) = harness("processor")
        .invoke(Some(LAMBDAS), async {
            let work = |at: usize| {
                let record = record(Some(&headers[at]), None);
                async move {
                    record
                        .run(async {
                            tokio::task::yield_now().await;
                            step::correlate(CorrelationId::new(&ORDER.replace("6f", &format!("0{at}"))).unwrap());
                            tokio::task::yield_now().await;
                            Step::new("store")
                                .run(async {
                                    tokio::task::yield_now().await;
                                    if at == 1 { Err(Failing(ErrorKind::Fault)) } else { Ok(()) }
                                })
                                .await
                        })
                        .await
                }
            };
            let results = futures::join!(work(0), work(1), work(2));
            assert!(results.0.is_ok() && results.1.is_err() && results.2.is_ok());
            Ok::<_, Infallible>(())
        })
        .await;
    assert_conform(&captured.documents);
    for (at, header) in headers.iter().enumerate() {
        let trace = &header[5..40];
        let of_trace: Vec<_> = captured.segments.iter().filter(|document| document["trace_id"] == trace).collect();
        assert_eq!(of_trace.len(), 2);
        for document in of_trace {
            // Six annotations are a failing record's own; its step then keeps the id as metadata.
            let id = document["annotations"]["orderId"].as_str().or(document["metadata"]["orderId"].as_str());
            assert_eq!(id, Some(ORDER.replace("6f", &format!("0{at}")).as_str()));
            assert_eq!(document.get("fault").is_some(), at == 1);
        }
    }
    assert_eq!(captured.step("handler").unwrap()["outcome"], "ok", "one bad record fails only itself");
    assert!(captured.step("handler").unwrap().get("orderId").is_none(), "the batch is nobody's");
    let records: Vec<_> = captured.logs.iter().filter(|line| line["step"] == "record").collect();
    assert_eq!(records.len(), 3, "a line each");
    assert!(records.iter().all(|line| line["steps"][0]["name"] == "store" && line["StoreDuration"].is_number()));
}

#[test]
fn the_header_wins_then_traceparent_then_the_batch() {
    let traceparent = "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01";
    for (header, traceparent, source) in [
        (Some(SAMPLED), Some(traceparent), Source::Header),
        (None, Some(traceparent), Source::Traceparent),
        (Some("Root=garbage"), Some(traceparent), Source::Traceparent),
        (Some("\u{0}"), Some("00-zz"), Source::Batch),
        (None, None, Source::Batch),
    ] {
        assert_eq!(record(header, traceparent).source(), source);
    }
}

#[tokio::test]
async fn a_record_without_a_trace_is_a_step_of_its_batch() {
    let (_, captured) = harness("processor")
        .invoke(Some(LAMBDAS), async { record(None, None).run(async { Ok::<_, Infallible>(()) }).await })
        .await;
    let record = captured.segment("record").unwrap();
    assert_eq!(record["type"], "subsegment");
    assert_eq!(record["parent_id"], captured.segment("handler").unwrap()["id"]);
}

#[tokio::test]
async fn the_producers_decision_counts_not_the_batchs() {
    for (batch, producer, documents) in [(UNSAMPLED, SAMPLED, 1), (LAMBDAS, UNSAMPLED, 1), (UNSAMPLED, UNSAMPLED, 0)] {
        let (_, captured) = harness("processor")
            .invoke(Some(batch), async { record(Some(producer), None).run(async { Ok::<_, Infallible>(()) }).await })
            .await;
        assert_eq!(captured.segments.len(), documents, "{batch} {producer}");
    }
}

#[tokio::test]
async fn where_the_producer_left_the_decision_the_batchs_counts() {
    let root = "Root=1-5759e988-bd862e3fe1be46a994272793";
    for header in [root.to_owned(), format!("{root};Sampled=1"), format!("{root};Sampled=?")] {
        for (batch, recorded) in [(LAMBDAS, true), (UNSAMPLED, false)] {
            let (outgoing, captured) = harness("processor")
                .invoke(Some(batch), async {
                    record(Some(&header), None).run(async { Ok::<_, Infallible>(propagate::outgoing()) }).await
                })
                .await;
            let segment = captured.segment("processor");
            assert_eq!(segment.is_some(), recorded, "{header} in {batch}");
            let sent = outgoing.unwrap().aws_trace_header.unwrap();
            assert!(
                sent.starts_with(root) && sent.contains(if recorded { "Sampled=1" } else { "Sampled=0" }),
                "{sent}"
            );
            if let Some(segment) = segment {
                assert_conform(&captured.documents);
                assert_eq!((&segment["trace_id"], segment.get("parent_id")), (&root[5..].into(), None));
                assert!(sent.contains(segment["id"].as_str().unwrap()), "{sent}");
            }
        }
    }
    let (_, captured) = harness("processor")
        .invoke(Some(LAMBDAS), async {
            record(Some(&format!("{root};Sampled=0")), None).run(async { Ok::<_, Infallible>(()) }).await
        })
        .await;
    assert!(captured.segment("processor").is_none(), "no is no");
}

#[tokio::test]
async fn a_partial_batch_names_the_records_that_failed() {
    let event: SqsEvent = serde_json::from_value(serde_json::json!({"Records": [
        {"messageId": "059f36b4-87a3-44ab-83d2-661975830a71", "body": "good", "attributes": {"AWSTraceHeader": SAMPLED}},
        {"messageId": "059f36b4-87a3-44ab-83d2-661975830a72", "body": "bad", "attributes": {}},
    ]}))
    .unwrap();
    let (response, captured) = harness("processor")
        .invoke(Some(LAMBDAS), async {
            let response = telemetry::partial_batch(&event, 10, |message, record| {
                let (bad, first) = (message.body.as_deref() == Some("bad"), record.receive_count() == 1);
                async move { if bad && first { Err(Failing(ErrorKind::Fault)) } else { Ok(()) } }
            });
            Ok::<_, Infallible>(response.await)
        })
        .await;
    let failed: Vec<_> =
        response.unwrap().batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect();
    assert_eq!(failed, ["059f36b4-87a3-44ab-83d2-661975830a72"]);
    let records: Vec<_> = captured.logs.iter().filter(|line| line["step"] == "record").collect();
    assert_eq!(records.len(), 2);
    assert!(records.iter().any(|line| line["errorClass"] == "Failing"));
}

#[tokio::test]
async fn garbage_in_a_record_fails_nothing() {
    let attributes = HashMap::from([
        ("SentTimestamp".to_owned(), u64::MAX.to_string()),
        ("ApproximateReceiveCount".to_owned(), "many".to_owned()),
        ("AWSTraceHeader".to_owned(), "Root=1-;Parent=;Sampled=;;;=;".repeat(100)),
    ]);
    let record = Record::from_sqs(Some("ada@example.com"), &attributes, Some("\u{ffff}"));
    assert_eq!((record.receive_count(), record.source()), (1, Source::Batch));
    let (result, captured) =
        harness("processor").invoke(Some(LAMBDAS), async { record.run(async { Ok::<_, Infallible>(5) }).await }).await;
    assert_eq!(result.unwrap(), 5);
    assert!(!captured.raw.contains("ada@"));
}

#[tokio::test]
async fn what_the_producer_sends_is_what_the_consumer_joins() {
    let (outgoing, produced) = harness("validator")
        .invoke(Some(SAMPLED), async {
            Step::new("enqueue")
                .aws(AwsCall::new("SQS", "SendMessage"))
                .run(async { Ok::<_, Infallible>(propagate::outgoing()) })
                .await
        })
        .await;
    let outgoing = outgoing.unwrap();
    let enqueue = &produced.segment("SQS").unwrap()["id"];
    let header = outgoing.aws_trace_header.clone().unwrap();
    assert_eq!(
        header,
        format!(
            "Root=1-5759e988-bd862e3fe1be46a994272793;Parent={};Sampled=1;Lineage=25:a87bd80c:1",
            enqueue.as_str().unwrap()
        )
    );
    assert_eq!(outgoing.user_attribute(10), None, "the tenth attribute is the last");
    let (name, traceparent) = outgoing.user_attribute(9).unwrap();
    assert_eq!(name, "traceparent");

    let (_, consumed) = harness("processor")
        .invoke(Some(LAMBDAS), async {
            record(Some(&header), Some(traceparent)).run(async { Ok::<_, Infallible>(()) }).await
        })
        .await;
    assert_eq!(&consumed.segment("processor").unwrap()["parent_id"], enqueue);
}

#[tokio::test]
async fn an_unsampled_producer_passes_its_header_on_unchanged() {
    for header in [UNSAMPLED, "Root=1-5759e988-bd862e3fe1be46a994272793"] {
        let (outgoing, _) = harness("validator")
            .invoke(Some(header), async {
                Step::new("enqueue").run_sync(|| Ok::<_, Infallible>(propagate::outgoing()))
            })
            .await;
        assert_eq!(outgoing.unwrap().aws_trace_header.as_deref(), Some(header));
    }
}

#[test]
fn the_camel_case_event_of_lambda_is_read() {
    let event: SqsEvent = serde_json::from_value(serde_json::json!({"Records": [{
        "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
        "body": "{}",
        "attributes": {"ApproximateReceiveCount": "4", "SentTimestamp": "1545082649183", "AWSTraceHeader": SAMPLED},
        "messageAttributes": {"traceparent": {
            "stringValue": "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01",
            "stringListValues": [], "binaryListValues": [], "dataType": "String"
        }}
    }]}))
    .unwrap();
    let mut message = event.records[0].clone();
    assert_eq!(Record::from(&message).source(), Source::Header);
    assert_eq!(Record::from(&message).receive_count(), 4);
    message.attributes.clear();
    assert_eq!(Record::from(&message).source(), Source::Traceparent);
}

#[tokio::test]
async fn a_traces_share_of_annotations_is_kept_and_the_rest_is_metadata() {
    let (_, captured) = harness("processor")
        .invoke(Some(LAMBDAS), async {
            record(Some(SAMPLED), None)
                .run(async {
                    step::correlate(CorrelationId::new(ORDER).unwrap());
                    for name in ["a", "b", "c", "d", "e", "f"] {
                        Step::new(name).run_sync(|| Ok::<_, Infallible>(()))?;
                    }
                    Ok::<_, Infallible>(())
                })
                .await?;
            for _ in 0..40 {
                Step::new("many").run_sync(|| Ok::<_, Infallible>(()))?;
            }
            let _ = Step::new("bad").run_sync(|| Err::<(), _>(Failing(ErrorKind::Fault)));
            Ok::<_, Infallible>(())
        })
        .await;
    let count = |trace: &str| -> usize {
        captured
            .segments
            .iter()
            .filter(|document| document["trace_id"] == trace)
            .filter_map(|document| document["annotations"].as_object())
            .map(serde_json::Map::len)
            .sum()
    };
    assert_eq!(count("1-66666666-aaaaaaaaaaaaaaaaaaaaaaaa"), 20);
    assert_eq!(count("1-5759e988-bd862e3fe1be46a994272793"), 6);
    // What matters most got its own.
    assert_eq!(captured.segment("processor").unwrap()["annotations"]["orderId"], ORDER);
    assert_eq!(captured.segment("bad").unwrap()["annotations"]["errorClass"], "Failing");
    let last = captured.segments.iter().rfind(|document| document["name"] == "many").unwrap();
    assert_eq!(last["metadata"]["outcome"], "ok");
}
