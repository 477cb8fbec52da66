//! What an environment's own metrics and log lines say of its orders.

use anyhow::{Context as _, Result, bail};
use aws_sdk_cloudwatch::{
    Client,
    types::{Datapoint, Dimension, Statistic},
};
use aws_smithy_types::DateTime;
use cli::time;
use jiff::{SignedDuration, Timestamp};
use suite::output;

use super::quantities::{Quantities, Quantity, Source};
use crate::{commands::logs, environment::Environment};

const HOUR: i64 = 3600;
/// CloudWatch Logs bills an event for so many bytes more than it has.
const BYTES_PER_EVENT: usize = 26;

/// Replaces what the environment has measured itself.
pub(super) async fn read(environment: &Environment, since: SignedDuration, quantities: &mut Quantities) -> Result<()> {
    let metrics = Metrics {
        client: Client::new(&environment.sdk),
        now: environment.metric_clock().await?.now.as_second(),
        window: since.as_secs(),
    };
    let [validator, processor] = [output::VALIDATOR, output::PROCESSOR].map(|name| environment.output(name));
    let (validator, processor) = (validator?, processor?);
    let namespace = environment.output(output::PROJECT_NAME)?;
    let of_processor = [("Service", "processor"), ("Environment", environment.name())];
    let stored = metrics.read(namespace, "OrdersStored", &of_processor, Statistic::Sum).await?;
    let Some(stored) = stored.filter(|stored| *stored > 0.0) else {
        bail!(
            "{} has stored no order in the last {}, so nothing of it is measured: {}, or leave the environment away",
            environment.name(),
            time::exact(since.as_secs()),
            environment.hint("send --count 100")
        );
    };
    let by = format!("{}, {stored:.0} orders of the last {}", environment.name(), time::exact(since.as_secs()));
    let mut measured = |name: &str, value: f64| {
        quantities.insert(name.to_owned(), Quantity { value, source: Source::Measured, by: by.clone() });
    };
    measured("custom_metrics", metrics.count(namespace).await? as f64);
    let batches = metrics.read("AWS/Lambda", "Invocations", &[("FunctionName", processor)], Statistic::Sum).await?;
    if let Some(batches) = batches.filter(|batches| *batches > 0.0) {
        measured("orders_per_batch", stored / batches);
    }
    if environment.is_local() {
        // Its functions run on this machine, as fast as that is: how long they take on Lambda is the benchmark's to say. And it
        // traces everything, and writes no lines of Lambda's own.
        let kb = log_bytes(environment, since).await? as f64 / 1024.0 / stored;
        measured("log_kb_per_order", kb);
        measured("log_kb_per_sampled_order", kb);
        return Ok(());
    }
    for (function, name, waits) in [(validator, "validator_ms", "sqs_ms"), (processor, "processor_ms", "dynamodb_ms")] {
        let of_function = [("FunctionName", function)];
        if let Some(ms) = metrics.read("AWS/Lambda", "Duration", &of_function, Statistic::Average).await? {
            measured(name, ms);
            // It is in the duration.
            measured(waits, 0.0);
        }
    }
    let mut bytes = 0.0;
    for group in logs::groups(environment)? {
        let of_group = [("LogGroupName", group.as_str())];
        bytes += metrics.read("AWS/Logs", "IncomingBytes", &of_group, Statistic::Sum).await?.unwrap_or_default();
    }
    if bytes > 0.0 {
        let kb = bytes / 1024.0 / stored;
        measured("log_kb_per_order", kb);
        measured("log_kb_per_sampled_order", kb);
    }
    Ok(())
}

/// Of both functions.
async fn log_bytes(environment: &Environment, since: SignedDuration) -> Result<usize> {
    let client = aws_sdk_cloudwatchlogs::Client::new(&environment.sdk);
    let from_ms = (Timestamp::now() - since).as_millisecond();
    let mut bytes = 0;
    for group in logs::groups(environment)? {
        let events = logs::look(&client, &group, from_ms, None).await?;
        bytes += events.iter().map(|event| event.message().unwrap_or_default().len() + BYTES_PER_EVENT).sum::<usize>();
    }
    Ok(bytes)
}

struct Metrics {
    client: Client,
    now: i64,
    window: i64,
}

impl Metrics {
    /// One statistic of the whole window; none without data.
    async fn read(
        &self,
        namespace: &str,
        name: &str,
        dimensions: &[(&str, &str)],
        statistic: Statistic,
    ) -> Result<Option<f64>> {
        // Whole hours: CloudWatch keeps nothing finer for long.
        let end = (self.now.div_euclid(HOUR) + 1) * HOUR;
        let hours = self.window.div_euclid(HOUR) + 1;
        let dimensions = dimensions.iter().map(|(name, value)| Dimension::builder().name(*name).value(*value).build());
        let points = self
            .client
            .get_metric_statistics()
            .namespace(namespace)
            .metric_name(name)
            .set_dimensions(Some(dimensions.collect()))
            .start_time(DateTime::from_secs(end - hours * HOUR))
            .end_time(DateTime::from_secs(end))
            .period(i32::try_from(HOUR)?)
            .statistics(statistic.clone())
            .statistics(Statistic::SampleCount)
            .send()
            .await
            .with_context(|| format!("can't read the metric {namespace} {name}"))?
            .datapoints
            .unwrap_or_default();
        let samples: f64 = points.iter().filter_map(|point| point.sample_count).sum();
        if samples == 0.0 {
            return Ok(None);
        }
        let weigh = |point: &Datapoint| match statistic {
            Statistic::Average => point.average.unwrap_or_default() * point.sample_count.unwrap_or_default() / samples,
            _ => point.sum.unwrap_or_default(),
        };
        Ok(Some(points.iter().map(weigh).sum()))
    }

    /// Metrics of a namespace: what CloudWatch bills.
    async fn count(&self, namespace: &str) -> Result<usize> {
        let mut pages = self.client.list_metrics().namespace(namespace).into_paginator().send();
        let mut count = 0;
        while let Some(page) = pages.next().await {
            count += page.with_context(|| format!("can't list the metrics of {namespace}"))?.metrics().len();
        }
        Ok(count)
    }
}
