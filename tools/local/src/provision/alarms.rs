//! The alarms of `terraform/alarms.yaml`, as `terraform/observability.tf` makes them.

use alarms::{
    Catalogue,
    catalogue::Alarm,
    composite::order,
    model::{About, CompositeAlarm, LowSamples, MetricAlarm, Severity, Source},
};
use alarms_cli::sources;
use anyhow::{Context as _, Result};
use aws_sdk_cloudwatch::types::{ComparisonOperator, Dimension, Metric, MetricDataQuery, MetricStat};
use suite::{Names, RUNBOOKS, Suite};

use crate::clients::Clients;

/// The catalogue, under an environment's names.
pub(super) fn catalogue(suite: &Suite, names: &Names) -> Result<Catalogue> {
    let text = names.placeholders().fill(&suite.alarms()?)?;
    sources::catalogue::read(&text, Some(&names.prefix())).context("can't read terraform/alarms.yaml")
}

pub(super) async fn create(catalogue: &Catalogue, names: &Names, clients: &Clients) -> Result<()> {
    for alarm in &catalogue.metric_alarms {
        put_metric_alarm(alarm, names, clients).await.with_context(|| alarm.spec.name.clone())?;
    }
    // A composite must be made after those it names.
    for index in order(&catalogue.composites).ready {
        let composite = &catalogue.composites[index];
        put_composite(composite, names, clients).await.with_context(|| composite.name.clone())?;
    }
    Ok(())
}

/// What a person reads of an alarm.
fn alarm_description(about: &About) -> String {
    format!(
        "{}. Severity: {}. Runbook: {RUNBOOKS}/{}.md",
        about.summary.trim_end_matches('.'),
        about.severity.map_or("none", Severity::as_str),
        about.runbook.as_deref().unwrap_or_default()
    )
}

fn topics(severities: &[String], names: &Names) -> Option<Vec<String>> {
    Some(severities.iter().map(|severity| names.arn("sns", &names.topic(severity))).collect())
}

async fn put_metric_alarm(alarm: &MetricAlarm, names: &Names, clients: &Clients) -> Result<()> {
    let spec = &alarm.spec;
    let period = i32::try_from(spec.period)?;
    let metrics: Vec<_> = spec
        .queries
        .iter()
        .enumerate()
        .map(|(index, query)| {
            let entry = MetricDataQuery::builder()
                .id(&query.id)
                .set_label(query.label.clone())
                .return_data(index == spec.returned);
            match &query.source {
                Source::Expression(expression) => entry.expression(expression).build(),
                Source::Metric { metric, stat, unit } => {
                    let dimensions = metric
                        .dimensions
                        .iter()
                        .map(|(name, value)| Dimension::builder().name(name).value(value).build());
                    let metric = Metric::builder()
                        .namespace(&metric.namespace)
                        .metric_name(&metric.name)
                        .set_dimensions(Some(dimensions.collect()))
                        .build();
                    let stat = MetricStat::builder()
                        .metric(metric)
                        .period(period)
                        .stat(stat.to_string())
                        .set_unit(unit.as_deref().map(Into::into));
                    entry.metric_stat(stat.build()).build()
                }
            }
        })
        .collect();
    clients
        .cloudwatch
        .put_metric_alarm()
        .alarm_name(&spec.name)
        .alarm_description(alarm_description(&spec.about))
        .comparison_operator(comparison(alarm)?)
        .threshold(spec.threshold)
        .evaluation_periods(i32::try_from(spec.evaluation_periods)?)
        .datapoints_to_alarm(i32::try_from(spec.datapoints_to_alarm)?)
        .set_treat_missing_data(spec.missing_data.map(|treatment| treatment.as_str().to_owned()))
        .set_evaluate_low_sample_count_percentile((spec.low_samples == LowSamples::Ignore).then(|| "ignore".to_owned()))
        .actions_enabled(spec.actions.enabled)
        .set_alarm_actions(topics(&spec.actions.alarm, names))
        .set_ok_actions(topics(&spec.actions.ok, names))
        .set_metrics(Some(metrics))
        .send()
        .await?;
    Ok(())
}

fn comparison(alarm: &MetricAlarm) -> Result<ComparisonOperator> {
    let name = serde_json::to_value(alarm.spec.comparison)?;
    Ok(ComparisonOperator::from(name.as_str().context("a comparison without a name")?))
}

async fn put_composite(composite: &CompositeAlarm, names: &Names, clients: &Clients) -> Result<()> {
    let mut put = clients
        .cloudwatch
        .put_composite_alarm()
        .alarm_name(&composite.name)
        .alarm_description(alarm_description(Alarm::Composite(composite).about()))
        .alarm_rule(&composite.rule_text)
        .actions_enabled(composite.actions.enabled)
        .set_alarm_actions(topics(&composite.actions.alarm, names))
        .set_ok_actions(topics(&composite.actions.ok, names));
    if let Some(suppressor) = &composite.suppressor {
        put = put
            .actions_suppressor(&suppressor.alarm)
            .actions_suppressor_wait_period(i32::try_from(suppressor.wait_s)?)
            .actions_suppressor_extension_period(i32::try_from(suppressor.extension_s)?);
    }
    put.send().await?;
    Ok(())
}
