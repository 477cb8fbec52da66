//! The layer: whole invocations and their ends.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use lambda_runtime::{LambdaEvent, LambdaInvocation};
use metrique::{unit::Count, unit_of_work::metrics};
use telemetry::{
    Caller, CorrelationId, ErrorKind, Record, Step, log,
    log::Level,
    step,
    testing::{Harness, SAMPLED, UNSAMPLED},
};
use tower::{Layer, Service, service_fn};

use super::common::{Failing, ORDER, assert_conform, config, harness};

#[tokio::test]
async fn a_cold_start_is_counted_once() {
    let harness = harness("validator");
    let (_, first) = harness.invoke(Some(SAMPLED), async { Ok::<_, Infallible>(()) }).await;
    let (_, second) = harness.invoke(Some(SAMPLED), async { Ok::<_, Infallible>(()) }).await;
    assert_eq!(first.metric("ColdStart"), [1.0]);
    assert_eq!(first.segment("handler").unwrap()["metadata"]["coldStart"], true);
    assert_eq!(second.metric("ColdStart"), [0.0; 0]);
}

#[metrics(rename_all = "PascalCase")]
struct Stored {
    #[metrics(unit = Count)]
    orders_stored: u64,
}

fn invocation() -> LambdaInvocation {
    LambdaInvocation {
        parts: http::Response::new(()).into_parts().0,
        body: Default::default(),
        context: Harness::context(Some(SAMPLED)),
    }
}

#[tokio::test]
async fn around_the_runtime_everything_is_written_after_the_response() {
    let harness = Arc::new(harness("validator"));
    let responded = Arc::new(AtomicBool::new(false));
    let handler = service_fn(|_: LambdaEvent<()>| async { Step::new("parse").run_sync(|| Ok::<_, Infallible>(())) });
    // What the runtime does: runs the handler, then sends its response.
    let mut handler = harness.layer().layer(handler);
    let before = Arc::clone(&harness);
    let sent = Arc::clone(&responded);
    let runtime = service_fn(move |invocation: LambdaInvocation| {
        let handled = handler.call(LambdaEvent::new((), invocation.context));
        let (before, sent) = (Arc::clone(&before), Arc::clone(&sent));
        async move {
            handled.await?;
            assert_eq!(before.captured().raw, "", "written while the caller waits");
            sent.store(true, Ordering::Relaxed);
            Ok::<_, Infallible>(())
        }
    });
    harness.layer().layer(runtime).call(invocation()).await.unwrap();
    assert!(responded.load(Ordering::Relaxed));
    let captured = harness.captured();
    assert!(captured.segment("parse").is_some());
    assert_eq!(captured.step("handler").unwrap()["outcome"], "ok");
    assert_eq!(captured.segments.len(), 2, "one invocation, though two layers saw it");
}

#[tokio::test]
async fn an_event_the_handler_never_saw_is_a_fault() {
    let harness = harness("validator");
    let _ = harness.invoke(Some(SAMPLED), async { Ok::<_, Infallible>(()) }).await;
    let runtime = service_fn(|_: LambdaInvocation| async { Ok::<_, Infallible>(()) });
    harness.layer().layer(runtime).call(invocation()).await.unwrap();
    assert_eq!(harness.captured().step("handler").unwrap()["errorClass"], "EventUnreadable");
}

#[tokio::test]
async fn the_very_first_event_may_be_unreadable_too() {
    let harness = harness("validator");
    let mut handler = harness.layer().layer(service_fn(|_: LambdaEvent<()>| async { Ok::<_, Infallible>(()) }));
    // The runtime asks the handler whether it is ready before it reads an event.
    std::future::poll_fn(|context| Service::<LambdaEvent<()>>::poll_ready(&mut handler, context)).await.unwrap();
    let runtime = service_fn(|_: LambdaInvocation| async { Ok::<_, Infallible>(()) });
    harness.layer().layer(runtime).call(invocation()).await.unwrap();
    let captured = harness.captured();
    assert_eq!(captured.step("handler").unwrap()["errorClass"], "EventUnreadable");
    assert_eq!(captured.segment("handler").unwrap()["fault"], true);
}

#[tokio::test]
async fn an_environment_that_lambda_started_beforehand_has_no_cold_start() {
    let mut config = config("validator");
    config.provisioned = true;
    let (_, captured) = Harness::new(config).unwrap().invoke(Some(SAMPLED), async { Ok::<_, Infallible>(()) }).await;
    assert!(!captured.raw.contains("oldStart"), "{}", captured.raw);
}

#[tokio::test]
async fn a_panic_is_a_fault_and_goes_on() {
    let harness = Arc::new(harness("validator"));
    let inside = Arc::clone(&harness);
    let joined = tokio::spawn(async move {
        inside
            .invoke(Some(SAMPLED), async {
                Step::new("parse")
                    .run(async {
                        if true {
                            panic!("ada@example.com");
                        }
                        Ok::<_, Infallible>(())
                    })
                    .await
            })
            .await
    })
    .await;
    assert!(joined.unwrap_err().is_panic());
    let captured = harness.captured();
    for name in ["parse", "handler"] {
        assert_eq!(captured.segment(name).unwrap()["annotations"]["errorClass"], "Panic");
        assert_eq!(captured.step(name).unwrap()["level"], "ERROR");
    }
    assert!(!captured.raw.contains("ada@"));
}

#[tokio::test]
async fn near_the_deadline_open_steps_are_sent_once_as_in_progress() {
    let harness = harness("processor");
    let mut context = Harness::context(Some(SAMPLED));
    let deadline = SystemTime::now() + Duration::from_millis(300);
    context.deadline = deadline.duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
    let (_, captured) = harness
        .invoke_with(context, async {
            log::debug("about to store", &[]);
            Step::new("store")
                .run(async {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    Ok::<_, Infallible>(())
                })
                .await
        })
        .await;
    assert_conform(&captured.documents);
    for name in ["store", "handler"] {
        let documents: Vec<_> = captured.segments.iter().filter(|document| document["name"] == name).collect();
        assert_eq!(documents.len(), 2, "in progress, then complete");
        assert_eq!(documents[0]["in_progress"], true);
        assert_eq!(documents[0]["id"], documents[1]["id"]);
        assert!(documents[1]["end_time"].is_number());
    }
    assert_eq!(captured.logs[0]["message"], "about to store", "kept lines are wanted now");
    assert_eq!(captured.logs[1]["message"], "still running near the deadline");
    assert_eq!(captured.logs[1]["steps"], serde_json::json!([{"name": "store", "outcome": "running"}]));
    assert_eq!(
        (captured.metric("StoreDuration").len(), captured.metric("HandlerDuration").len()),
        (1, 1),
        "counted once"
    );
}

#[tokio::test]
async fn near_the_deadline_an_untraced_invocation_writes_its_lines_too() {
    let harness = harness("processor");
    let mut context = Harness::context(None);
    let deadline = SystemTime::now() + Duration::from_millis(260);
    context.deadline = deadline.duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
    let (raw, _) = harness
        .invoke_with(context, async {
            log::debug("about to store", &[]);
            Step::new("decode").run_sync(|| Ok::<_, Infallible>(()))?;
            telemetry::metrics::emit(Stored { orders_stored: 3 });
            Step::new("store")
                .run(async {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    Ok::<_, Infallible>(harness.captured())
                })
                .await
        })
        .await;
    let killed = raw.unwrap();
    let line = killed.logs.iter().find(|line| line["message"] == "still running near the deadline").unwrap();
    assert_eq!(line["level"], "WARN");
    assert_eq!((&line["steps"][0]["name"], &line["steps"][1]["name"]), (&"decode".into(), &"store".into()));
    assert_eq!(line["steps"][1]["outcome"], "running", "the step that hangs is named");
    assert!(killed.raw.contains("about to store"));
    assert_eq!((killed.metric("OrdersStored"), killed.metric("DecodeDuration").len()), (vec![3.0], 1), "metrics, too");
}

#[tokio::test]
async fn kept_lines_are_written_only_if_their_work_fails() {
    let record = |header: &str| {
        let attributes = [("AWSTraceHeader".to_owned(), header.to_owned())].into();
        Record::from_sqs(None, &attributes, None)
    };
    let (good, bad) = (record(SAMPLED), record(&SAMPLED.replace("272793", "272794")));
    let (_, captured) = harness("processor")
        .invoke(Some(SAMPLED), async {
            let _ = good
                .run(async {
                    log::debug("of the good", &[("count", 1u64.into())]);
                    Ok::<_, Infallible>(())
                })
                .await;
            let _ = bad
                .run(async {
                    log::debug("of the bad", &[("count", 2u64.into())]);
                    Step::new("store").run_sync(|| Err::<(), _>(Failing(ErrorKind::Fault)))
                })
                .await;
            Ok::<_, Infallible>(())
        })
        .await;
    assert!(!captured.raw.contains("of the good"));
    let line = captured.logs.iter().find(|line| line["message"] == "of the bad").unwrap();
    assert_eq!((&line["level"], &line["count"]), (&"DEBUG".into(), &2.into()));
    let first = captured.logs.iter().find(|other| other["traceId"] == line["traceId"]);
    assert_eq!(first, Some(line), "in the order of time");
}

#[tokio::test]
async fn kept_lines_are_bounded_and_the_loss_is_told() {
    let mut config = config("validator");
    config.max_debug_lines = 3;
    let (_, captured) = Harness::new(config)
        .unwrap()
        .invoke(Some(SAMPLED), async {
            for at in 0..10u64 {
                log::debug("kept", &[("at", at.into())]);
            }
            Err::<(), _>("failed")
        })
        .await;
    let kept: Vec<_> =
        captured.logs.iter().filter(|line| line["message"] == "kept").map(|line| line["at"].clone()).collect();
    assert_eq!(kept, [7, 8, 9]);
    assert!(captured.logs.iter().any(|line| line["count"] == 7));
}

#[tokio::test]
async fn the_level_bounds_what_is_written() {
    let mut config = config("validator");
    config.log_level = Level::Warn;
    let (_, captured) = Harness::new(config)
        .unwrap()
        .invoke(Some(SAMPLED), async {
            log::info("quiet", &[]);
            log::warn("loud", &[]);
            Step::new("parse").run_sync(|| Ok::<_, Infallible>(()))
        })
        .await;
    assert_eq!(captured.logs.len(), 1, "{:?}", captured.logs);
    assert_eq!(captured.logs[0]["message"], "loud");
    assert_eq!((captured.metrics.len(), captured.metric("ParseDuration").len()), (1, 1), "metrics have no level");
    assert!(captured.metrics[0].get("level").is_none());
}

#[tokio::test]
async fn documents_over_the_cap_are_counted() {
    let mut config = config("validator");
    config.max_documents = 10;
    let (_, captured) = Harness::new(config)
        .unwrap()
        .invoke(Some(SAMPLED), async {
            for _ in 0..2000 {
                Step::new("many").run_sync(|| Ok::<_, Infallible>(()))?;
            }
            Ok::<_, Infallible>(())
        })
        .await;
    assert_eq!(captured.documents.len(), 11, "the cap, and the invocation's own");
    assert!(captured.segment("handler").is_some());
    // The handler's document holds as many steps as fit.
    let sent = captured.segments.len() as f64;
    assert_eq!(captured.metric("TelemetryDropped"), [2001.0 - sent]);
    assert_eq!(captured.logs.iter().filter(|line| line["step"] == "many").count(), 2000, "lines are not capped");
    let durations: f64 = captured
        .metrics
        .iter()
        .filter_map(|line| line["ManyDuration"]["Counts"].as_array())
        .flatten()
        .filter_map(|count| count.as_f64())
        .sum();
    assert_eq!(durations, 2000.0, "joined, not lost");
}

#[tokio::test]
async fn an_untraced_units_line_tells_of_a_hundred_steps_and_the_others_have_lines() {
    let (_, captured) = harness("validator")
        .invoke(None, async {
            for _ in 0..130 {
                Step::new("many").run_sync(|| Ok::<_, Infallible>(()))?;
            }
            Ok::<_, Infallible>(())
        })
        .await;
    let unit = captured.logs.iter().find(|line| line["step"] == "handler").unwrap();
    assert_eq!((unit["steps"].as_array().unwrap().len(), &unit["stepsOmitted"]), (100, &30.into()));
    assert_eq!(captured.logs.iter().filter(|line| line["step"] == "many").count(), 30);
}

#[tokio::test]
async fn events_of_other_crates_lose_their_text_but_not_their_ids() {
    let (_, captured) = harness("validator")
        .invoke(Some(SAMPLED), async {
            step::correlate(CorrelationId::new(ORDER).unwrap());
            Step::new("enqueue").run_sync(|| {
                tracing::error!(attempt = 3, mail = "ada@example.com", "failed for {}", "Ada Lovelace");
                tracing::debug!("Ada Lovelace");
                Ok::<_, Infallible>(())
            })
        })
        .await;
    let line = captured.logs.iter().find(|line| line["target"].is_string()).unwrap();
    assert_eq!((&line["level"], &line["attempt"]), (&"ERROR".into(), &3.into()));
    assert!(line["callsite"].as_str().unwrap().contains("invocations.rs:"));
    assert_eq!(line["traceId"], "1-5759e988-bd862e3fe1be46a994272793");
    assert_eq!(line["orderId"], ORDER);
    assert!(!captured.raw.contains("ada@") && !captured.raw.contains("Lovelace"));
}

#[tokio::test]
async fn a_trusted_target_keeps_its_text() {
    let (_, captured) = Harness::new(config("validator").trust_target("all::invocations"))
        .unwrap()
        .invoke(Some(SAMPLED), async {
            tracing::warn!(queue = "orders", "the queue is slow");
            Ok::<_, Infallible>(())
        })
        .await;
    let line = captured.logs.iter().find(|line| line["target"].is_string()).unwrap();
    assert_eq!((&line["message"], &line["queue"]), (&"the queue is slow".into(), &"orders".into()));
}

#[tokio::test]
async fn a_handlers_own_error_text_stays_out() {
    let (result, captured) =
        harness("validator").invoke(Some(SAMPLED), async { Err::<(), _>("no customer ada@example.com") }).await;
    assert!(result.is_err());
    assert_eq!(captured.step("handler").unwrap()["errorClass"], "HandlerError");
    assert!(!captured.raw.contains("ada@"));
}

#[tokio::test]
async fn a_handler_that_answers_with_an_error_says_so() {
    let (_, captured) = harness("validator")
        .invoke(Some(SAMPLED), async {
            step::failed(&Failing(ErrorKind::Rejected));
            Ok::<_, Infallible>("400")
        })
        .await;
    let handler = captured.segment("handler").unwrap();
    assert_eq!((&handler["error"], handler.get("fault")), (&true.into(), None));
    assert_eq!(captured.step("handler").unwrap()["outcome"], "rejected");
}

const CLIENTS: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[tokio::test]
async fn a_clients_trace_is_linked_and_found_by_its_id() {
    let work = async { Step::new("parse").run_sync(|| Ok::<_, Infallible>(())) };
    let (_, captured) = harness("validator").invoke(Some(SAMPLED), Caller::new(Some(CLIENTS)).run(work)).await;
    assert_conform(&captured.documents);
    let handler = captured.segment("handler").unwrap();
    assert_eq!(handler["trace_id"], "1-5759e988-bd862e3fe1be46a994272793", "its own trace all the same");
    let link = serde_json::json!([{"trace_id": "1-4bf92f35-77b34da6a3ce929d0e0e4736", "id": "00f067aa0ba902b7"}]);
    assert_eq!(handler["links"], link);
    assert_eq!(handler["annotations"]["clientTraceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(captured.step("handler").unwrap()["clientTraceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert!(captured.segment("parse").unwrap()["annotations"].get("clientTraceId").is_none(), "once a unit");
}

#[tokio::test]
async fn garbage_in_place_of_a_clients_trace_is_nobodys() {
    for garbage in
        [None, Some(""), Some("ada@example.com"), Some("00-00000000000000000000000000000000-00f067aa0ba902b7-01")]
    {
        let caller = Caller::new(garbage);
        let (_, captured) =
            harness("validator").invoke(Some(SAMPLED), caller.run(async { Ok::<_, Infallible>(()) })).await;
        assert!(!captured.raw.contains("clientTraceId") && !captured.raw.contains("links"), "{garbage:?}");
        assert!(!captured.raw.contains("ada@"));
    }
}

#[tokio::test]
async fn a_trusted_client_is_the_parent_and_does_not_decide_about_sampling() {
    let mut config = config("validator");
    config.trust_traceparent = true;
    for (header, client, sampled) in [
        (SAMPLED, CLIENTS.to_owned(), true),
        (SAMPLED, CLIENTS.replace("-01", "-00"), true),
        (UNSAMPLED, CLIENTS.to_owned(), false),
    ] {
        let work = async {
            Step::new("parse").run_sync(|| {
                step::failed(&Failing(ErrorKind::Rejected));
                Ok::<_, Infallible>(telemetry::propagate::outgoing().aws_trace_header)
            })
        };
        let (sent, captured) =
            Harness::new(config.clone()).unwrap().invoke(Some(header), Caller::new(Some(&client)).run(work)).await;
        let sent = sent.unwrap().unwrap();
        assert!(sent.starts_with("Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent="), "{sent}");
        assert!(sent.contains(if sampled { ";Sampled=1" } else { ";Sampled=0" }), "{sent}");
        let line = captured.step("request").unwrap();
        assert_eq!(line["traceId"], "1-4bf92f35-77b34da6a3ce929d0e0e4736");
        if sampled {
            assert_conform(&captured.documents);
            let segment = captured.segment("validator").unwrap();
            assert_eq!((&segment["parent_id"], &segment["trace_id"]), (&"00f067aa0ba902b7".into(), &line["traceId"]));
            assert_eq!(captured.segment("parse").unwrap()["parent_id"], segment["id"]);
        } else {
            assert!(captured.documents.is_empty());
        }
    }
}
