//! The suite in numbers: what came, what became of it, and how long that took. Out of CloudWatch, in the time of metrics.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use aws_sdk_cloudwatch::{
    Client,
    primitives::DateTime,
    types::{Dimension, Metric, MetricDataQuery, MetricStat, ScanBy},
};
use orders::Environment;
use suite::output;
use views::{Point, Range};

/// The suite's metrics over a time: lines by id.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    pub(crate) period: i64,
    lines: BTreeMap<&'static str, Vec<Point>>,
}

impl Flow {
    pub(crate) fn line(&self, id: &str) -> &[Point] {
        self.lines.get(id).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn sum(&self, id: &str) -> f64 {
        self.line(id).iter().map(|point| point.1).fold(0.0, |sum, value| sum + value)
    }

    pub(crate) fn newest(&self, id: &str) -> Option<f64> {
        self.line(id).last().map(|point| point.1)
    }

    /// A minute, over the last periods.
    #[expect(clippy::cast_precision_loss, reason = "a few periods")]
    pub(crate) fn rate(&self, id: &str, now: i64) -> f64 {
        const PERIODS: i64 = 5;
        let from = now - PERIODS * self.period;
        let within = self.line(id).iter().filter(|point| point.0 >= from);
        let sum = within.fold(0.0, |sum, point| sum + point.1);
        sum * 60.0 / (PERIODS * self.period) as f64
    }
}

/// Id, namespace (the project's own if empty), metric, statistic, and whose it is.
const LINES: [(&str, &str, &str, &str, Whose); 15] = [
    ("accepted", "", "OrdersAccepted", "Sum", Whose::Validator),
    ("rejected", "", "OrdersRejected", "Sum", Whose::Validator),
    ("stored", "", "OrdersStored", "Sum", Whose::Processor),
    ("repeated", "", "OrdersRepeated", "Sum", Whose::Processor),
    ("dead", "", "OrdersDead", "Sum", Whose::Processor),
    ("p50", "", "EndToEndLatency", "p50", Whose::Processor),
    ("p99", "", "EndToEndLatency", "p99", Whose::Processor),
    ("requests", "AWS/ApiGateway", "Count", "Sum", Whose::Api),
    ("faults", "AWS/ApiGateway", "5XXError", "Sum", Whose::Api),
    ("latency", "AWS/ApiGateway", "Latency", "p99", Whose::Api),
    ("age", "AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum", Whose::Queue),
    ("validator", "AWS/Lambda", "Duration", "p99", Whose::ValidatorFunction),
    ("processor", "AWS/Lambda", "Duration", "p99", Whose::ProcessorFunction),
    ("failures", "", "RecordFailures", "Sum", Whose::Processor),
    ("dead_age", "AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum", Whose::DeadLetters),
];

#[derive(Debug, Clone, Copy)]
enum Whose {
    Validator,
    Processor,
    Api,
    Queue,
    DeadLetters,
    ValidatorFunction,
    ProcessorFunction,
}

fn dimensions(environment: &Environment, whose: Whose) -> Result<Vec<(&'static str, String)>> {
    let tail = |name| environment.output(name).map(|url| url.rsplit('/').next().unwrap_or(url).to_owned());
    let service = |name: &str| vec![("Service", name.to_owned()), ("Environment", environment.name().to_owned())];
    Ok(match whose {
        Whose::Validator => service("validator"),
        Whose::Processor => service("processor"),
        Whose::Api => {
            vec![("ApiName", format!("{}-api", environment.prefix()?)), ("Stage", environment.name().to_owned())]
        }
        Whose::Queue => vec![("QueueName", tail(output::QUEUE_URL)?)],
        Whose::DeadLetters => vec![("QueueName", tail(output::DEAD_LETTER_QUEUE_URL)?)],
        Whose::ValidatorFunction => vec![("FunctionName", environment.output(output::VALIDATOR)?.to_owned())],
        Whose::ProcessorFunction => vec![("FunctionName", environment.output(output::PROCESSOR)?.to_owned())],
    })
}

/// All of them in one call: 15 metrics.
pub(crate) async fn read(environment: &Environment, range: Range) -> Result<Flow> {
    let prefix = environment.prefix()?;
    // The namespace is the project's name.
    let project = prefix.strip_suffix(environment.name()).unwrap_or(&prefix).trim_end_matches('-').to_owned();
    let period = if range.end - range.start > 6 * 3600 { 300 } else { 60 };
    let mut queries = Vec::with_capacity(LINES.len());
    for (id, namespace, name, stat, whose) in LINES {
        let dimensions = dimensions(environment, whose)?
            .into_iter()
            .map(|(name, value)| Dimension::builder().name(name).value(value).build())
            .collect();
        let metric = Metric::builder()
            .namespace(if namespace.is_empty() { &project } else { namespace })
            .metric_name(name)
            .set_dimensions(Some(dimensions))
            .build();
        let stat = MetricStat::builder().metric(metric).period(i32::try_from(period)?).stat(stat).build();
        queries.push(MetricDataQuery::builder().id(id).metric_stat(stat).build());
    }
    let mut pages = Client::new(&environment.sdk)
        .get_metric_data()
        .set_metric_data_queries(Some(queries))
        .start_time(DateTime::from_secs(range.start))
        .end_time(DateTime::from_secs(range.end + period))
        .scan_by(ScanBy::TimestampAscending)
        .into_paginator()
        .send();
    let mut flow = Flow { period, ..Flow::default() };
    while let Some(page) = pages.next().await {
        for result in page.context("can't read the metrics")?.metric_data_results.unwrap_or_default() {
            let Some((id, ..)) = LINES.iter().find(|(id, ..)| Some(*id) == result.id()) else { continue };
            let points = result.timestamps().iter().zip(result.values()).map(|(at, value)| Point(at.secs(), *value));
            flow.lines.entry(id).or_default().extend(points);
        }
    }
    for line in flow.lines.values_mut() {
        line.sort_by_key(|point| point.0);
    }
    Ok(flow)
}
