//! From what happened to the series that AWS would have.

mod api;
mod dynamodb;
mod functions;
mod queues;

use cloudwatch::{Datapoint, MetricKey, Sample, emf};

use super::Metrics;
use crate::emulator::{Event, What};

pub(super) use api::{Apis, call as api_call};
pub(super) use dynamodb::call as dynamodb_call;

/// Points of one moment.
struct Points {
    at: i64,
    points: Vec<Datapoint>,
}

impl Points {
    #[expect(clippy::cast_possible_truncation, reason = "epoch seconds")]
    fn at(metric_time: f64) -> Self {
        Self { at: metric_time.floor() as i64, points: Vec::new() }
    }

    /// A value that can't be one is told, not recorded.
    fn add(&mut self, namespace: &str, name: &str, unit: &str, dimensions: &[(&str, &str)], value: f64) {
        match Sample::value(value) {
            Ok(sample) => self.points.push(Datapoint::new(key(namespace, name, dimensions), unit, self.at, sample)),
            Err(error) => eprintln!("metrics: {namespace} {name}: {error}"),
        }
    }
}

fn key(namespace: &str, name: &str, dimensions: &[(&str, &str)]) -> MetricKey {
    dimensions.iter().fold(MetricKey::new(namespace, name), |key, (name, value)| key.with(*name, *value))
}

/// Records an event of the emulator's.
pub(super) async fn record(metrics: &Metrics, event: Event) {
    let clock = metrics.clock;
    let mut points = Points::at(clock.at(event.at));
    match event.what {
        What::Invocation(invocation) => {
            // Lambda stamps an invocation with its start.
            points = Points::at(clock.at(invocation.start));
            functions::invocation(&mut points, &invocation);
        }
        What::Request { .. } => {}
        What::Throttle { function } => functions::throttle(&mut points, &function),
        What::Integration { api, stage, path, method, ms } => {
            let place = metrics.apis.place(&api, stage.as_deref(), path.as_deref(), method.as_deref()).await;
            place.add(&mut points, "IntegrationLatency", "Milliseconds", ms.round());
        }
        What::Sent { queue, bytes } => queues::sent(&mut points, &queue, bytes),
        What::Received { queue, count } => queues::received(&mut points, &queue, count),
        What::Deleted { queue, count } => queues::deleted(&mut points, &queue, count),
        What::Queues { queues } => queues.iter().for_each(|queue| queues::state(&mut points, queue, &clock, event.at)),
        What::Records { group, messages } => {
            messages.iter().for_each(|message| records(&mut points, &group, message, |at| clock.at(at)));
        }
    }
    metrics.record(&points.points);
}

/// EMF, with the function's time as metric time.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "epoch seconds")]
fn records(points: &mut Points, group: &str, message: &str, clock: impl Fn(f64) -> f64) {
    let Some(extraction) = emf::extract(message) else { return };
    points.points.extend(extraction.datapoints.into_iter().map(|mut point| {
        point.at = clock(point.at as f64).floor() as i64;
        point
    }));
    for problem in extraction.problems {
        eprintln!("metrics: {group}: a record's {problem}");
        points.add("AWS/Logs", problem.kind.metric(), "Count", &[("LogGroupName", group)], 1.0);
    }
}
