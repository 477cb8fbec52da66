//! From what happened to the series that AWS would have.

mod api;
mod dynamodb;
mod functions;
mod queues;

pub(super) use api::{Apis, call as api_call};
use cloudwatch::{
    Datapoint, MetricKey, Sample, Store,
    emf::{self, ProblemKind},
};
pub(super) use dynamodb::call as dynamodb_call;
use jiff::Timestamp;

use super::Metrics;
use crate::emulator::{Event, What};

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
            #[expect(clippy::cast_possible_truncation, reason = "epoch seconds")]
            let wall = event.at as i64;
            messages.iter().for_each(|message| records(&mut points, &group, message, wall, |at| clock.at(at)));
        }
    }
    metrics.record(&points.points);
}

/// EMF, with the function's time as metric time.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "epoch seconds")]
fn records(points: &mut Points, group: &str, message: &str, wall: i64, clock: impl Fn(f64) -> f64) {
    let Some(extraction) = emf::extract(message) else { return };
    let mut problems: Vec<String> = extraction.problems.iter().map(ToString::to_string).collect();
    let mut kinds: Vec<ProblemKind> = extraction.problems.into_iter().map(|problem| problem.kind).collect();
    // A record has one time: by the wall's clock, which its writer has.
    match extraction.datapoints.first().map(|point| (point.at, timestamp_problem(point.at, wall))) {
        Some((_, Some(reason))) => {
            let count = cli::text::count(extraction.datapoints.len(), "datapoint");
            problems.push(format!("_aws.Timestamp: {reason}: {count} not kept"));
            kinds.push(ProblemKind::Validation);
        }
        _ => points.points.extend(extraction.datapoints.into_iter().map(|mut point| {
            point.at = clock(point.at as f64).floor() as i64;
            point
        })),
    }
    for problem in problems {
        eprintln!("metrics: {group}: a record's {problem}");
    }
    for kind in kinds {
        points.add("AWS/Logs", kind.metric(), "Count", &[("LogGroupName", group)], 1.0);
    }
}

/// Why CloudWatch would not take a record of that time.
fn timestamp_problem(at: i64, wall: i64) -> Option<String> {
    let refused = Store::check(at, wall).err()?;
    let time = Timestamp::from_second(at).map_or_else(|_| format!("{at} s"), |time| time.to_string());
    let thousand = at.saturating_mul(1000);
    let hint = if Store::check(thousand, wall).is_ok() {
        "; it was written in seconds, and the format asks for milliseconds"
    } else {
        ""
    };
    Some(format!("{time}: {refused}{hint}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WALL: i64 = 1_764_446_400;

    fn read(timestamp: i64) -> (Points, Option<String>) {
        let record = format!(
            r#"{{"_aws":{{"Timestamp":{timestamp},"CloudWatchMetrics":[{{"Namespace":"n","Dimensions":[[]],"Metrics":[{{"Name":"M"}}]}}]}},"M":1}}"#
        );
        let mut points = Points::at(0.0);
        records(&mut points, "/aws/lambda/f", &record, WALL, |at| at);
        (points, timestamp_problem(timestamp / 1000, WALL))
    }

    #[test]
    fn a_record_of_an_impossible_time_is_told_with_the_reason_and_counted_as_cloudwatch_does() {
        for (timestamp, reason) in [
            ((WALL - 15 * 86_400) * 1000, "2025-11-14T20:00:00Z: it is older than two weeks"),
            ((WALL + 3 * 3600) * 1000, "2025-11-29T23:00:00Z: it is more than two hours ahead"),
            (
                WALL,
                "1970-01-21T10:07:26Z: it is older than two weeks; it was written in seconds, and the format asks for milliseconds",
            ),
        ] {
            let (points, problem) = read(timestamp);
            assert_eq!(problem.as_deref(), Some(reason));
            let names: Vec<_> = points.points.iter().map(|point| point.key.name.as_str()).collect();
            assert_eq!(names, ["EMFValidationErrors"], "{timestamp}");
        }
        let (points, problem) = read(WALL * 1000);
        assert_eq!((problem, points.points[0].key.name.as_str()), (None, "M"));
    }
}
