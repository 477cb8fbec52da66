//! Sums of metrics, as CloudWatch has them.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, Result};
use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricStat};
use aws_smithy_types::DateTime;
use serde::Serialize;

use crate::stack::Stack;

/// What is compared: service and name. The queue's own is AWS's.
pub(crate) const COMPARED: [(&str, &str); 9] = [
    ("validator", "OrdersAccepted"),
    ("validator", "OrdersRepeated"),
    ("validator", "OrdersRejected"),
    ("processor", "OrdersStored"),
    ("processor", "OrdersDuplicate"),
    ("processor", "OrdersRepeated"),
    ("processor", "OrdersDead"),
    ("processor", "RecordFailures"),
    ("processor", "RecordsMovedToDlq"),
];
/// As a service and a name.
pub(crate) const SENT: (&str, &str) = ("queue", "NumberOfMessagesSent");

/// A day: the whole of a run is a few of them, whatever its clock's speed.
const PERIOD_S: i32 = 86_400;

/// Sums by `service name`.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Metrics(pub(crate) BTreeMap<String, u64>);

impl Metrics {
    pub(crate) fn of(&self, (service, name): (&str, &str)) -> u64 {
        self.0.get(&format!("{service} {name}")).copied().unwrap_or_default()
    }

    pub(crate) fn without(mut self, before: &Self) -> Self {
        for (name, value) in &mut self.0 {
            *value = value.saturating_sub(before.0.get(name).copied().unwrap_or_default());
        }
        self
    }
}

pub(crate) async fn read(stack: &Stack) -> Result<Metrics> {
    let placeholders = stack.names.placeholders();
    let namespace = placeholders.get("namespace").context("the suite has no namespace")?;
    let mut queries = Vec::new();
    for (n, (service, name)) in COMPARED.into_iter().chain([SENT]).enumerate() {
        let (namespace, dimensions) = match service {
            "queue" => ("AWS/SQS", vec![("QueueName", stack.names.queue())]),
            _ => (
                namespace,
                vec![("Service", service.to_owned()), ("Environment", stack.names.environment().to_owned())],
            ),
        };
        let mut metric = Metric::builder().namespace(namespace).metric_name(name);
        for (name, value) in dimensions {
            metric = metric.dimensions(Dimension::builder().name(name).value(value).build());
        }
        let stat = MetricStat::builder().metric(metric.build()).period(PERIOD_S).stat("Sum").build();
        queries.push(
            MetricDataQuery::builder().id(format!("m{n}")).metric_stat(stat).label(format!("{service} {name}")).build(),
        );
    }
    // From yesterday to next year of the metrics' clock, which runs ahead of the machine's.
    let now = jiff::Timestamp::now().as_second();
    let from = DateTime::from_secs((now / i64::from(PERIOD_S) - 1) * i64::from(PERIOD_S));
    let to = DateTime::from_secs((now / i64::from(PERIOD_S) + 300) * i64::from(PERIOD_S));
    let call = aws_sdk_cloudwatch::Client::new(&stack.sdk).get_metric_data().set_metric_data_queries(Some(queries));
    let results = call.start_time(from).end_time(to).send().await.context("can't read the metrics")?;
    let sums = results.metric_data_results.unwrap_or_default().into_iter().filter_map(|result| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        let sum = result.values.unwrap_or_default().iter().sum::<f64>().round() as u64;
        Some((result.label?, sum))
    });
    Ok(Metrics(sums.collect()))
}

/// Waits until two looks tell the same: log events become metrics a moment after they were written.
pub(crate) async fn settled(stack: &Stack) -> Result<Metrics> {
    let mut last = read(stack).await?;
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = read(stack).await?;
        if now == last {
            return Ok(now);
        }
        last = now;
    }
}
