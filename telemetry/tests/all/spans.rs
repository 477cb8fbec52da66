//! Spans that others make with `tracing`, inside steps.

use std::{convert::Infallible, time::Duration};

use serde_json::Value;
use telemetry::{
    Config, ErrorKind, Record, Step,
    testing::{Captured, Harness, SAMPLED, UNSAMPLED},
};
use tracing::Instrument as _;

use super::common::{Failing, assert_conform, config};

/// Spans of this target are trusted in these tests.
const TRUSTED: &str = "shop_library";

fn trusting() -> Config {
    config("validator").trust_target(TRUSTED)
}

fn harness() -> Harness {
    Harness::new(trusting()).unwrap()
}

fn segment<'c>(captured: &'c Captured, name: &str) -> &'c Value {
    captured.segment(name).unwrap_or_else(|| panic!("no {name} in {:?}", captured.segments))
}

#[tokio::test]
async fn a_span_is_a_subsegment_of_the_step_it_runs_in() {
    let (_, captured) = harness()
        .invoke(Some(SAMPLED), async {
            Step::new("parse")
                .run(async {
                    let work = async {
                        tokio::time::sleep(Duration::from_millis(2)).await;
                        tracing::info_span!(target: TRUSTED, "inner", attempt = 3, cached = true).in_scope(|| {});
                    };
                    work.instrument(tracing::info_span!(target: TRUSTED, "read {body}", bytes = 12i64, kind = "order"))
                        .await;
                    Ok::<_, Infallible>(())
                })
                .await
        })
        .await;
    assert_conform(&captured.documents);
    assert_eq!(captured.documents.len(), 1, "in its unit's datagram");
    let (parse, read, inner) =
        (segment(&captured, "parse"), segment(&captured, "read _body_"), segment(&captured, "inner"));
    assert_eq!((&read["parent_id"], &inner["parent_id"]), (&parse["id"], &read["id"]));
    assert_eq!(read["metadata"], serde_json::json!({"target": TRUSTED, "bytes": 12, "kind": "order"}));
    assert_eq!(inner["metadata"], serde_json::json!({"target": TRUSTED, "attempt": 3, "cached": true}));
    assert!(read.get("annotations").is_none(), "X-Ray's fifty are for orders");
    let seconds = |of: &str| read[of].as_f64().unwrap();
    assert!(seconds("end_time") - seconds("start_time") >= 0.002, "{read}");
}

#[tokio::test]
async fn a_step_inside_a_span_is_its_subsegment() {
    let (_, captured) = harness()
        .invoke(Some(SAMPLED), async {
            let step = Step::new("store").run(async { Ok::<_, Infallible>(()) });
            step.instrument(tracing::info_span!(target: TRUSTED, "transaction")).await
        })
        .await;
    assert_conform(&captured.documents);
    assert_eq!(segment(&captured, "store")["parent_id"], segment(&captured, "transaction")["id"]);
    assert_eq!(segment(&captured, "transaction")["parent_id"], segment(&captured, "handler")["id"]);
}

#[tokio::test]
async fn a_span_that_ends_with_an_error_is_a_fault_with_its_text() {
    #[tracing::instrument(target = "shop_library", err)]
    fn charge() -> Result<(), String> {
        Err("the card service is closed".to_owned())
    }
    let (_, captured) = harness().invoke(Some(SAMPLED), async { charge().or(Ok::<_, Infallible>(())) }).await;
    assert_conform(&captured.documents);
    let charge = segment(&captured, "charge");
    assert_eq!(charge["fault"], true);
    assert_eq!(charge["cause"]["exceptions"][0]["message"], "the card service is closed");
}

#[tokio::test]
async fn spans_of_nobody_trusted_are_not_recorded() {
    let spans = async {
        tracing::info_span!(target: "shop_library_of_another", "read", mail = "ada@example.com").in_scope(|| {});
        tracing::debug_span!(target: TRUSTED, "detail").in_scope(|| {});
        Ok::<_, Infallible>(())
    };
    let (_, captured) = harness().invoke(Some(SAMPLED), spans).await;
    assert_eq!(captured.segments.len(), 1, "{:?}", captured.segments);
    assert!(!captured.raw.contains("ada@"));
}

#[tokio::test]
async fn a_trace_that_is_not_sampled_has_no_spans_either() {
    let other = SAMPLED.replace("272793", "272794");
    let attributes = [("AWSTraceHeader".to_owned(), UNSAMPLED.to_owned())].into();
    let record = Record::from_sqs(None, &attributes, None);
    let (_, captured) = harness()
        .invoke(Some(&other), async {
            record
                .run(async {
                    tracing::info_span!(target: TRUSTED, "unsampled").in_scope(|| {});
                    Ok::<_, Infallible>(())
                })
                .await
        })
        .await;
    assert_eq!(captured.segments.len(), 1, "a sampled batch's own, {:?}", captured.segments);
}

#[tokio::test]
async fn spans_of_records_that_take_turns_stay_with_their_record() {
    let headers = [1, 2, 3].map(|at| format!("Root=1-5759e988-{at:024};Parent=53995c3f42cd8ad8;Sampled=1"));
    let work = |at: usize| {
        let attributes = [("AWSTraceHeader".to_owned(), headers[at].clone())].into();
        let record = Record::from_sqs(None, &attributes, None);
        async move {
            let inside = async {
                tokio::time::sleep(Duration::from_millis(3 - at as u64)).await;
                tracing::info_span!(target: TRUSTED, "inner").in_scope(|| {});
                if at == 1 { Err(Failing(ErrorKind::Rejected)) } else { Ok(()) }
            };
            record.run(async { inside.instrument(tracing::info_span!(target: TRUSTED, "outer")).await }).await
        }
    };
    let (_, captured) = harness()
        .invoke(Some(&SAMPLED.replace("272793", "272794")), async {
            let _ = futures::future::join3(work(0), work(1), work(2)).await;
            Ok::<_, Infallible>(())
        })
        .await;
    assert_conform(&captured.documents);
    for at in 1..=3 {
        let trace = format!("1-5759e988-{at:024}");
        let of = |name: &str| {
            let found = captured.segments.iter().find(|one| one["trace_id"] == *trace && one["name"] == name);
            found.unwrap_or_else(|| panic!("no {name} in {trace}"))
        };
        assert_eq!(of("outer")["parent_id"], of("validator")["id"]);
        assert_eq!(of("inner")["parent_id"], of("outer")["id"]);
    }
}

#[tokio::test]
async fn what_is_too_much_is_cut_and_counted() {
    let long = "x".repeat(100_000);
    let (_, captured) = harness()
        .invoke(Some(SAMPLED), async {
            tracing::info_span!(target: TRUSTED, "read", body = long.as_str(), annotation.mine = 1).in_scope(|| {});
            Ok::<_, Infallible>(())
        })
        .await;
    assert_conform(&captured.documents);
    let read = segment(&captured, "read");
    assert_eq!(read["metadata"]["body"].as_str().unwrap().len(), 1000);
    assert_eq!((&read["metadata"]["mine"], read.get("annotations")), (&1.into(), None));
    assert_eq!(captured.metric("TelemetryDropped"), [1.0]);
    assert!(captured.logs.iter().any(|line| line["cut"] == 1), "{:?}", captured.logs);
}

#[tokio::test]
async fn a_span_that_outlives_its_invocation_is_counted() {
    let harness = harness();
    let (span, _) = harness
        .invoke(Some(SAMPLED), async {
            let span = tracing::info_span!(target: TRUSTED, "endless");
            span.in_scope(|| {});
            Ok::<_, Infallible>(span)
        })
        .await;
    drop(span);
    let (_, captured) = harness.invoke(Some(SAMPLED), async { Ok::<_, Infallible>(()) }).await;
    assert_eq!(captured.metric("TelemetryDropped"), [1.0]);
    assert!(captured.logs.iter().any(|line| line["late"] == 1));
}
