//! What telemetry costs: `cargo bench -p telemetry`.
//!
//! `handler` is what the caller waits for; `whole` adds what is written after the response. Documents go to a bound socket nobody reads,
//! lines to memory.
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot be set up must stop")]

use std::{
    convert::Infallible,
    future::Future,
    hint::black_box,
    net::UdpSocket,
    sync::Arc,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use criterion::{Criterion, criterion_group, criterion_main};
use lambda_runtime::LambdaEvent;
use metrique::{unit::Count, unit_of_work::metrics};
use telemetry::{
    AwsCall, Config, CorrelationId, Record, Step, metrics as emf,
    metrics::Millis,
    propagate, step,
    testing::{Harness, SAMPLED, UNSAMPLED},
};
use tower::{Layer, Service, service_fn};

const ORDER: &str = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff";

fn main_config(daemon: &UdpSocket) -> Config {
    let mut config = Config::new("shop", "validator", "bench").correlation_key("orderId");
    config.daemon_address = daemon.local_addr().unwrap().to_string();
    config.max_documents = usize::MAX;
    config
}

/// Runs a future that never waits, without a runtime's own cost.
fn ready<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("nothing here waits"),
    }
}

/// Runs a handler as one invocation; how long all of it took, and how long the caller waited.
fn invoke(
    harness: &Harness,
    header: &str,
    handler: impl Future<Output = Result<Duration, Infallible>>,
) -> (Duration, Duration) {
    let mut context = Harness::context(Some(header));
    // No timer: that needs a runtime.
    context.deadline = 0;
    let mut handler = Some(handler);
    let service = service_fn(move |_: LambdaEvent<()>| handler.take().unwrap());
    let mut service = harness.layer().layer(service);
    let start = Instant::now();
    let inside = ready(service.call(LambdaEvent::new((), context))).unwrap();
    let whole = start.elapsed();
    harness.discard();
    (whole, inside)
}

fn init(criterion: &mut Criterion) {
    let daemon = UdpSocket::bind("127.0.0.1:0").unwrap();
    criterion.bench_function("init/telemetry", |bench| {
        bench.iter(|| Harness::with_socket(main_config(&daemon)).unwrap());
    });
}

/// The part of every document that is the kernel's: nothing here can make it cheaper.
fn datagram(criterion: &mut Criterion) {
    let daemon = UdpSocket::bind("127.0.0.1:0").unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(daemon.local_addr().unwrap()).unwrap();
    let document = [b' '; 600];
    criterion.bench_function("kernel/one datagram of 600 bytes", |bench| {
        bench.iter(|| socket.send(black_box(&document)).unwrap());
    });
    criterion.bench_function("kernel/one reading of the clock", |bench| bench.iter(Instant::now));
}

/// Time per step as the handler sees it, and with everything written.
fn steps(criterion: &mut Criterion) {
    const BATCH: u64 = 100;
    let daemon = UdpSocket::bind("127.0.0.1:0").unwrap();
    for (name, header) in [("sampled", SAMPLED), ("unsampled", UNSAMPLED)] {
        for whole in [false, true] {
            let harness = Harness::with_socket(main_config(&daemon)).unwrap();
            let part = if whole { "whole" } else { "handler" };
            criterion.bench_function(&format!("step/{name}/{part}"), |bench| {
                bench.iter_custom(|iterations| {
                    let mut taken = Duration::ZERO;
                    for _ in 0..iterations.div_ceil(BATCH) {
                        let (all, inside) = invoke(&harness, header, async {
                            let start = Instant::now();
                            for _ in 0..BATCH {
                                Step::new("parse").run(async { Ok::<_, Infallible>(()) }).await?;
                            }
                            Ok(start.elapsed())
                        });
                        taken += if whole { all } else { inside };
                    }
                    let run = iterations.div_ceil(BATCH) * BATCH;
                    taken.mul_f64(iterations as f64 / run as f64)
                });
            });
        }
    }
}

#[metrics(rename_all = "PascalCase", emf::dimension_sets = [[], ["Outcome"]])]
struct Validated {
    outcome: &'static str,
    #[metrics(unit = Count)]
    orders_accepted: u64,
    #[metrics(unit = Count)]
    orders_rejected: u64,
}

#[metrics(rename_all = "PascalCase")]
#[derive(Default)]
struct Processed {
    #[metrics(unit = Count)]
    orders_stored: u64,
    queue_wait: Millis,
    end_to_end_latency: Millis,
}

async fn validate(queue: &Arc<str>) -> Result<Duration, Infallible> {
    let start = Instant::now();
    Step::new("parse").run_sync(|| Ok::<_, Infallible>(()))?;
    Step::new("validate").run_sync(|| Ok::<_, Infallible>(()))?;
    step::correlate(CorrelationId::new(ORDER).unwrap());
    Step::new("enqueue")
        .aws(AwsCall::sqs("SendMessage", queue))
        .run(async { Ok::<_, Infallible>(black_box(propagate::outgoing())) })
        .await?;
    emf::emit(Validated { outcome: "accepted", orders_accepted: 1, orders_rejected: 0 });
    Ok(start.elapsed())
}

async fn process(table: &Arc<str>, records: usize) -> Result<Duration, Infallible> {
    let start = Instant::now();
    let mut metrics = Processed::default();
    for _ in 0..records {
        let attributes = [
            ("AWSTraceHeader".to_owned(), SAMPLED.to_owned()),
            ("SentTimestamp".to_owned(), "1545082649183".to_owned()),
        ]
        .into();
        let record = Record::from_sqs(Some("059f36b4-87a3-44ab-83d2-661975830a7d"), &attributes, None);
        metrics.queue_wait.extend(record.age());
        record
            .run(async {
                Step::new("decode").run_sync(|| Ok::<_, Infallible>(()))?;
                step::correlate(CorrelationId::new(ORDER).unwrap());
                Step::new("store").aws(AwsCall::dynamodb("PutItem", table)).run(async { Ok::<_, Infallible>(()) }).await
            })
            .await?;
        metrics.orders_stored += 1;
        metrics.end_to_end_latency.extend(record.age());
    }
    emf::emit(metrics);
    Ok(start.elapsed())
}

/// One order through a function: its steps, documents, metrics and lines, per order.
fn orders(criterion: &mut Criterion) {
    let daemon = UdpSocket::bind("127.0.0.1:0").unwrap();
    let resource: Arc<str> = "https://sqs.us-east-1.amazonaws.com/123456789012/orders".into();
    for whole in [false, true] {
        let part = if whole { "whole" } else { "handler" };
        let harness = Harness::with_socket(main_config(&daemon)).unwrap();
        criterion.bench_function(&format!("order/validator/{part}"), |bench| {
            bench.iter_custom(|iterations| {
                let mut taken = Duration::ZERO;
                for _ in 0..iterations {
                    let (all, inside) = invoke(&harness, SAMPLED, validate(&resource));
                    taken += if whole { all } else { inside };
                }
                taken
            });
        });
        criterion.bench_function(&format!("order/processor, batch of 10/{part}"), |bench| {
            bench.iter_custom(|iterations| {
                let mut taken = Duration::ZERO;
                let batches = iterations.div_ceil(10);
                for _ in 0..batches {
                    let (all, inside) = invoke(&harness, SAMPLED, process(&resource, 10));
                    taken += if whole { all } else { inside };
                }
                taken
            });
        });
    }
}

/// What the caller waits for while the daemon reads, reads too slowly, or is not there at all.
fn receivers(criterion: &mut Criterion) {
    let resource: Arc<str> = "https://sqs.us-east-1.amazonaws.com/123456789012/orders".into();
    for name in ["reading", "full", "absent"] {
        let daemon = UdpSocket::bind("127.0.0.1:0").unwrap();
        let harness = Harness::with_socket(main_config(&daemon)).unwrap();
        match name {
            "reading" => drop(std::thread::spawn(move || {
                let mut buffer = [0; 65_536];
                while daemon.recv(&mut buffer).is_ok() {}
            })),
            "full" => std::mem::forget(daemon),
            _ => drop(daemon),
        }
        criterion.bench_function(&format!("receiver {name}/order in the validator/handler"), |bench| {
            bench.iter_custom(|iterations| {
                (0..iterations).map(|_| invoke(&harness, SAMPLED, validate(&resource)).1).sum()
            });
        });
    }
}

criterion_group!(
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1500));
    targets = init, datagram, steps, orders, receivers
);
criterion_main!(benches);
