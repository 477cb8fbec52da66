use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use aws_sdk_cloudwatch::types::{AlarmType, CompositeAlarm, MetricAlarm, MetricStat};
use serde_json::{Value, json};

use super::{Resources, set};
use crate::clients::Clients;

pub(super) async fn describe(clients: &Clients, resources: &mut Resources) -> Result<()> {
    let mut pages = clients
        .cloudwatch
        .describe_alarms()
        .alarm_types(AlarmType::MetricAlarm)
        .alarm_types(AlarmType::CompositeAlarm)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page?;
        let metric = resources.entry("aws_cloudwatch_metric_alarm").or_default();
        metric.extend(page.metric_alarms().iter().map(metric_alarm));
        let composite = resources.entry("aws_cloudwatch_composite_alarm").or_default();
        composite.extend(page.composite_alarms().iter().map(composite_alarm));
    }
    topics(clients, resources).await
}

fn metric_alarm(alarm: &MetricAlarm) -> Value {
    let queries: Vec<_> = alarm
        .metrics()
        .iter()
        .map(|query| {
            set(json!({
                "id": query.id(),
                "label": query.label(),
                "expression": query.expression(),
                "return_data": query.return_data(),
                "period": query.period(),
                "metric": query.metric_stat().map(|stat| json!([metric(stat)])),
            }))
        })
        .collect();
    set(json!({
        "alarm_name": alarm.alarm_name(),
        "arn": alarm.alarm_arn(),
        "alarm_description": alarm.alarm_description(),
        "comparison_operator": alarm.comparison_operator().map(|operator| operator.as_str()),
        "threshold": alarm.threshold(),
        "evaluation_periods": alarm.evaluation_periods(),
        "datapoints_to_alarm": alarm.datapoints_to_alarm(),
        "treat_missing_data": alarm.treat_missing_data(),
        "evaluate_low_sample_count_percentiles": alarm.evaluate_low_sample_count_percentile(),
        "actions_enabled": unless_enabled(alarm.actions_enabled()),
        "alarm_actions": alarm.alarm_actions(),
        "ok_actions": alarm.ok_actions(),
        "insufficient_data_actions": alarm.insufficient_data_actions(),
        "metric_query": queries,
    }))
}

fn metric(stat: &MetricStat) -> Value {
    let metric = stat.metric();
    let dimensions: BTreeMap<_, _> = metric
        .map(|metric| metric.dimensions())
        .unwrap_or_default()
        .iter()
        .filter_map(|dimension| Some((dimension.name()?, dimension.value()?)))
        .collect();
    set(json!({
        "namespace": metric.and_then(|metric| metric.namespace()),
        "metric_name": metric.and_then(|metric| metric.metric_name()),
        "dimensions": dimensions,
        "period": stat.period(),
        "stat": stat.stat(),
        "unit": stat.unit().map(|unit| unit.as_str()),
    }))
}

fn composite_alarm(alarm: &CompositeAlarm) -> Value {
    let suppressor = alarm.actions_suppressor().map(|name| {
        json!([{
            "alarm": name,
            "wait_period": alarm.actions_suppressor_wait_period(),
            "extension_period": alarm.actions_suppressor_extension_period(),
        }])
    });
    set(json!({
        "alarm_name": alarm.alarm_name(),
        "arn": alarm.alarm_arn(),
        "alarm_description": alarm.alarm_description(),
        "alarm_rule": alarm.alarm_rule(),
        "actions_enabled": unless_enabled(alarm.actions_enabled()),
        "actions_suppressor": suppressor,
        "alarm_actions": alarm.alarm_actions(),
        "ok_actions": alarm.ok_actions(),
        "insufficient_data_actions": alarm.insufficient_data_actions(),
    }))
}

/// Enabled is the default; and here `false` would be left out like nothing.
fn unless_enabled(actions: Option<bool>) -> Option<&'static str> {
    (actions == Some(false)).then_some("false")
}

async fn topics(clients: &Clients, resources: &mut Resources) -> Result<()> {
    let mut topics = clients.sns.list_topics().into_paginator().items().send();
    while let Some(topic) = topics.next().await {
        let arn = topic?.topic_arn.context("a topic without an ARN")?;
        let attributes =
            clients.sns.get_topic_attributes().topic_arn(&arn).send().await?.attributes.unwrap_or_default();
        resources.entry("aws_sns_topic").or_default().push(set(json!({
            "name": arn.rsplit(':').next(),
            "id": arn,
            "arn": arn,
            "kms_master_key_id": attributes.get("KmsMasterKeyId"),
        })));
        if let Some(policy) = attributes.get("Policy") {
            let policy = json!({"arn": arn, "policy": policy});
            resources.entry("aws_sns_topic_policy").or_default().push(policy);
        }
    }
    Ok(())
}
