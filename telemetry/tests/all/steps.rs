//! What a step emits.

use std::{convert::Infallible, sync::Arc, time::Duration};

use telemetry::{
    AwsCall, Code, Config, CorrelationId, ErrorClass, ErrorKind, Id, Step, step,
    testing::{Harness, SAMPLED, UNSAMPLED},
};

const ORDER: &str = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff";

#[derive(Debug)]
enum Failing {
    Rejected,
    Throttled,
    Broken,
}

impl ErrorClass for Failing {
    fn class(&self) -> &'static str {
        match self {
            Self::Rejected => "MissingField",
            Self::Throttled => "QueueThrottled",
            Self::Broken => "QueueUnreachable",
        }
    }
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Rejected => ErrorKind::Rejected,
            Self::Throttled => ErrorKind::Throttled,
            Self::Broken => ErrorKind::Fault,
        }
    }
    fn cause(&self) -> &'static str {
        "the cause in fixed words"
    }
    fn code(&self) -> Option<Code> {
        matches!(self, Self::Throttled).then(|| Code::new("RequestThrottled").unwrap())
    }
}

fn harness() -> Harness {
    Harness::new(Config::new("shop", "validator", "test").correlation_key("orderId")).unwrap()
}

#[tokio::test]
async fn one_step_is_a_subsegment_a_metric_and_a_line_with_the_same_ids() {
    let queue: Arc<str> = "https://sqs.us-east-1.amazonaws.com/123456789012/shop-test-orders".into();
    let (result, captured) = harness()
        .invoke(Some(SAMPLED), async {
            step::correlate(CorrelationId::new(ORDER).unwrap());
            Step::new("enqueue")
                .aws(AwsCall::sqs("SendMessage", &queue))
                .run(async {
                    step::aws_response(step::AwsResponse {
                        request_id: Some(Id::new("5fea7756-0ea4-451a-a703-a558b933e274").unwrap()),
                        retries: Some(2),
                        status: Some(200),
                    });
                    Ok::<_, Infallible>(7)
                })
                .await
        })
        .await;
    assert_eq!(result.unwrap(), 7);

    let segment = captured.segment("SQS").expect("a subsegment named after the service");
    let handler = captured.segment("handler").unwrap();
    let line = captured.step("enqueue").unwrap();
    assert_eq!(segment["namespace"], "aws");
    assert_eq!(segment["type"], "subsegment");
    assert_eq!(segment["aws"]["operation"], "SendMessage");
    assert_eq!(segment["aws"]["queue_url"], &*queue);
    assert_eq!(segment["aws"]["request_id"], "5fea7756-0ea4-451a-a703-a558b933e274");
    assert_eq!(segment["metadata"]["retries"], 2);
    assert_eq!(segment["annotations"]["orderId"], ORDER);
    assert_eq!(segment["annotations"]["step"], "enqueue");
    assert_eq!(segment["annotations"]["outcome"], "ok");
    assert_eq!(segment["parent_id"], handler["id"]);
    assert_eq!(handler["parent_id"], "53995c3f42cd8ad8");

    assert_eq!(line["traceId"], segment["trace_id"]);
    assert_eq!(line["traceId"], "1-5759e988-bd862e3fe1be46a994272793");
    assert_eq!(line["spanId"], segment["id"]);
    assert_eq!(line["requestId"], segment["metadata"]["requestId"]);
    assert_eq!(line["orderId"], ORDER);
    assert_eq!(line["level"], "INFO");
    assert!(line["durationMs"].as_f64().unwrap() >= 0.0);

    let unit = &captured.metrics[0];
    assert_eq!(captured.metrics.len(), 1, "one line for the whole unit");
    assert_eq!(unit["EnqueueDuration"], line["durationMs"]);
    assert_eq!(unit["steps"][0]["name"], "enqueue");
    for id in ["requestId", "traceId", "orderId"] {
        assert_eq!(unit[id], line[id]);
    }
    assert_eq!(unit["spanId"], handler["id"]);
}

#[tokio::test]
async fn an_error_is_classified_in_all_three() {
    for (error, flags, level, outcome) in [
        (Failing::Rejected, (true, false, false), "WARN", "rejected"),
        (Failing::Throttled, (true, true, false), "WARN", "throttled"),
        (Failing::Broken, (false, false, true), "ERROR", "fault"),
    ] {
        let class = error.class();
        let (result, captured) =
            harness().invoke(Some(SAMPLED), async { Step::new("parse").run_sync(|| Err::<(), _>(error)) }).await;
        assert!(result.is_err());
        let segment = captured.segment("parse").unwrap();
        let flag = |name: &str| segment.get(name) == Some(&true.into());
        assert_eq!((flag("error"), flag("throttle"), flag("fault")), flags, "{segment}");
        assert_eq!(segment["annotations"]["errorClass"], class);
        assert_eq!(segment["cause"]["exceptions"][0]["type"], class);
        assert_eq!(segment["cause"]["exceptions"][0]["message"], "the cause in fixed words");
        let line = captured.step("parse").unwrap();
        assert_eq!((&line["level"], &line["outcome"]), (&level.into(), &outcome.into()));
        assert_eq!(line["errorClass"], class);
        assert_eq!(line["error"], "the cause in fixed words");
        // The handler passed the error on, so the invocation failed too.
        assert_eq!(captured.step("handler").unwrap()["outcome"], "fault");
    }
}

#[tokio::test]
async fn an_id_that_is_known_late_is_on_earlier_steps_too() {
    let (_, captured) = harness()
        .invoke(Some(SAMPLED), async {
            Step::new("parse").run_sync(|| Ok::<_, Infallible>(()))?;
            step::correlate(CorrelationId::new(ORDER).unwrap());
            Ok::<_, Infallible>(())
        })
        .await;
    assert_eq!(captured.step("parse").unwrap()["orderId"], ORDER);
    assert_eq!(captured.segment("parse").unwrap()["annotations"]["orderId"], ORDER);
    assert_eq!(captured.segment("handler").unwrap()["annotations"]["orderId"], ORDER);
}

#[tokio::test]
async fn an_unsampled_trace_has_metrics_and_lines_but_no_documents() {
    for header in [Some(UNSAMPLED), Some("Root=1-5759e988-bd862e3fe1be46a994272793"), Some("garbage;;="), None] {
        let (_, captured) =
            harness().invoke(header, async { Step::new("parse").run_sync(|| Ok::<_, Infallible>(())) }).await;
        assert_eq!(captured.segments, Vec::<serde_json::Value>::new(), "{header:?}");
        assert_eq!(captured.metric("ParseDuration").len(), 1);
        assert_eq!(captured.logs.len(), 1, "one line tells of everything");
        assert_eq!(captured.step("parse").unwrap()["outcome"], "ok");
        assert_eq!(captured.metric("TelemetryDropped"), [0.0; 0]);
    }
}

/// So long that a busy machine makes no quick step of it.
const SLOW: Duration = Duration::from_millis(300);

#[tokio::test]
async fn failed_slow_and_asked_for_steps_have_lines_of_their_own() {
    let work = || async {
        let _ = Step::new("bad").run_sync(|| Err::<(), _>(Failing::Rejected));
        let _ = Step::new("slow").run_sync(|| {
            std::thread::sleep(SLOW);
            Ok::<_, Infallible>(())
        });
        Step::new("quick").run_sync(|| Ok::<_, Infallible>(()))
    };
    let mut config = Config::new("shop", "validator", "test");
    config.slow_step = SLOW;
    let lines = |captured: &telemetry::testing::Captured| {
        captured.logs.iter().map(|line| line["step"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (_, captured) = Harness::new(config.clone()).unwrap().invoke(Some(UNSAMPLED), work()).await;
    assert_eq!(lines(&captured), ["bad", "slow", "handler"]);
    assert_eq!(captured.steps.len(), 3, "the unit's line has all of them");
    let (_, captured) = Harness::new(config.clone()).unwrap().invoke(Some(SAMPLED), work()).await;
    assert_eq!(lines(&captured), ["bad", "slow", "quick", "handler"]);
    config.log_level = telemetry::log::Level::Debug;
    let (_, captured) = Harness::new(config).unwrap().invoke(Some(UNSAMPLED), work()).await;
    assert_eq!(lines(&captured), ["bad", "slow", "quick", "handler"]);
}

#[tokio::test]
async fn a_dropped_step_was_cancelled() {
    let (_, captured) = harness()
        .invoke(Some(SAMPLED), async {
            let slow = Step::new("slow").run(std::future::pending::<Result<(), Infallible>>());
            let timed_out = tokio::time::timeout(Duration::from_millis(5), slow).await;
            assert!(timed_out.is_err());
            Ok::<_, Infallible>(())
        })
        .await;
    assert_eq!(captured.segment("slow").unwrap()["annotations"]["errorClass"], "Cancelled");
    assert_eq!(captured.segment("slow").unwrap()["fault"], true);
    assert_eq!(captured.step("handler").unwrap()["outcome"], "ok");
}

#[tokio::test]
async fn concurrent_steps_do_not_mix_across_awaits() {
    let (_, captured) = harness()
        .invoke(Some(SAMPLED), async {
            let outer = |name: &'static str, inner: &'static str, count: u64| {
                Step::new(name).run(async move {
                    for _ in 0..5 {
                        tokio::task::yield_now().await;
                        step::field("count", count);
                    }
                    Step::new(inner)
                        .run(async {
                            tokio::task::yield_now().await;
                            step::field("inner", count);
                            Ok::<_, Infallible>(())
                        })
                        .await
                })
            };
            let (a, b, c) = futures::join!(outer("a", "a-in", 1), outer("b", "b-in", 2), outer("c", "c-in", 3));
            a.and(b).and(c)
        })
        .await;
    for (name, inner, count) in [("a", "a-in", 1), ("b", "b-in", 2), ("c", "c-in", 3)] {
        let (segment, inside) = (captured.segment(name).unwrap(), captured.segment(inner).unwrap());
        assert_eq!(segment["metadata"]["count"], count);
        assert_eq!(segment["parent_id"], captured.segment("handler").unwrap()["id"]);
        assert_eq!(inside["parent_id"], segment["id"]);
        assert_eq!(inside["metadata"]["inner"], count);
        assert!(inside["metadata"].get("count").is_none());
    }
}

#[tokio::test]
async fn a_step_outside_an_invocation_just_runs() {
    assert_eq!(Step::new("alone").run(async { Ok::<_, Infallible>(1) }).await.unwrap(), 1);
}

#[tokio::test]
async fn a_name_xray_forbids_is_cleaned_not_lost() {
    let (_, captured) = harness()
        .invoke(Some(SAMPLED), async { Step::new("GET /users/{id}").run_sync(|| Ok::<_, Infallible>(())) })
        .await;
    assert!(captured.segment("GET /users/_id_").is_some(), "{:?}", captured.segments);
}

#[tokio::test]
async fn a_field_with_a_name_of_a_lines_own_is_renamed() {
    for header in [SAMPLED, UNSAMPLED] {
        let (_, captured) = harness()
            .invoke(Some(header), async {
                step::correlate(CorrelationId::new(ORDER).unwrap());
                step::field("level", "of water");
                step::field("orderId", 9u64);
                Step::new("parse").field("traceId", 7u64).field("outcome", "odd").field("outcome", "even").run_sync(
                    || {
                        step::field("requestId", 8u64);
                        Ok::<_, Infallible>(())
                    },
                )
            })
            .await;
        let parse = captured.step("parse").unwrap();
        assert_eq!((&parse["field_traceId"], &parse["field_outcome"]), (&7.into(), &"even".into()));
        let unit = captured.step("handler").unwrap();
        assert_eq!((&unit["level"], &unit["field_level"]), (&"INFO".into(), &"of water".into()));
        assert_eq!((&unit["orderId"], &unit["field_orderId"]), (&ORDER.into(), &9.into()));
        for line in captured.raw.lines() {
            for key in ["traceId", "requestId", "level", "orderId"] {
                // Once at the outermost level; documents have them in metadata.
                let count = line.matches(&format!("\"{key}\":")).count();
                assert!(count <= 1 || line.contains("\"subsegments\""), "{key} twice in {line}");
            }
        }
    }
}

#[tokio::test]
async fn a_name_that_cloudwatch_refuses_is_told_and_counted_and_the_step_runs() {
    for name in ["gr\u{f6}\u{df}e", "", " "] {
        let (result, captured) =
            harness().invoke(Some(SAMPLED), async { Step::new(name).run_sync(|| Ok::<_, Infallible>(5)) }).await;
        assert_eq!(result.unwrap(), 5);
        assert!(captured.logs.iter().any(|line| line["message"] == "metrics were refused"), "{name:?}");
        assert_eq!(captured.metric("Duration").len(), 0);
        let (_, next) = harness().invoke(Some(SAMPLED), async { Ok::<_, Infallible>(()) }).await;
        assert_eq!(next.metric("TelemetryDropped"), [0.0; 0], "of this harness only");
    }
}

#[tokio::test]
async fn more_fields_than_a_step_takes_are_counted() {
    const KEYS: [&str; 30] = [
        "f0", "f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "g0", "g1", "g2", "g3", "g4", "g5", "g6", "g7",
        "g8", "g9", "h0", "h1", "h2", "h3", "h4", "h5", "h6", "h7", "h8", "h9",
    ];
    let (_, captured) = harness()
        .invoke(Some(SAMPLED), async {
            Step::new("many").run_sync(|| {
                for key in KEYS {
                    step::field(key, 1u64);
                }
                Ok::<_, Infallible>(())
            })
        })
        .await;
    assert_eq!(captured.metric("TelemetryDropped"), [6.0]);
}
