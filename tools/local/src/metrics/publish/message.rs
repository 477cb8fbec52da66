//! CloudWatch's notification, as it arrives from a topic.

use std::collections::HashMap;

use ::alarms::{
    Catalogue,
    catalogue::Alarm,
    evaluate::Transition,
    model::{CompositeAlarm, LowSamples, MetricAlarm, Source},
};
use serde_json::{Value, json};

use crate::provision::alarm_description;
use suite::{LOCAL_ACCOUNT, Names};

/// What is the same in every notification of an alarm.
#[derive(Debug)]
pub(super) struct Fixed(Value);

pub(super) fn fixed(catalogue: &Catalogue, names: &Names, created: i64) -> HashMap<String, Fixed> {
    let topics =
        |actions: &[String]| -> Value { actions.iter().map(|to| names.arn("sns", &names.topic(to))).collect() };
    catalogue
        .alarms()
        .map(|alarm| {
            let mut message = json!({
                "AlarmName": alarm.name(),
                "AlarmDescription": alarm_description(alarm.about()),
                "AWSAccountId": LOCAL_ACCOUNT,
                "AlarmConfigurationUpdatedTimestamp": timestamp(created),
                "AlarmArn": names.arn("cloudwatch", &format!("alarm:{}", alarm.name())),
                "OKActions": topics(&alarm.actions().ok),
                "AlarmActions": topics(&alarm.actions().alarm),
                "InsufficientDataActions": topics(&alarm.actions().insufficient_data),
            });
            match alarm {
                Alarm::Metric(alarm) => message["Trigger"] = trigger(alarm),
                Alarm::Composite(CompositeAlarm { rule_text, .. }) => message["AlarmRule"] = json!(rule_text),
            }
            (alarm.name().to_owned(), Fixed(message))
        })
        .collect()
}

impl Fixed {
    pub(super) fn message(&self, transition: &Transition, region: &str) -> Value {
        let mut message = self.0.clone();
        message["NewStateValue"] = json!(transition.to.as_str());
        message["NewStateReason"] = json!(transition.reason);
        message["StateChangeTime"] = json!(timestamp(transition.at));
        message["Region"] = json!(place(region));
        message["OldStateValue"] = json!(transition.from.as_str());
        message
    }
}

fn trigger(alarm: &MetricAlarm) -> Value {
    let spec = &alarm.spec;
    let metrics: Vec<_> = spec
        .queries
        .iter()
        .enumerate()
        .map(|(index, query)| {
            let mut entry = json!({"Id": query.id, "ReturnData": index == spec.returned});
            if let Some(label) = &query.label {
                entry["Label"] = json!(label);
            }
            match &query.source {
                Source::Expression(expression) => entry["Expression"] = json!(expression),
                Source::Metric { metric, stat, .. } => {
                    let dimensions: Vec<_> =
                        metric.dimensions.iter().map(|(name, value)| json!({"value": value, "name": name})).collect();
                    entry["MetricStat"] = json!({
                        "Metric": {"Dimensions": dimensions, "MetricName": metric.name, "Namespace": metric.namespace},
                        "Period": spec.period,
                        "Stat": stat.to_string(),
                    });
                }
            }
            entry
        })
        .collect();
    json!({
        "Period": spec.period,
        "EvaluationPeriods": spec.evaluation_periods,
        "DatapointsToAlarm": spec.datapoints_to_alarm,
        "ComparisonOperator": spec.comparison,
        "Threshold": spec.threshold,
        "TreatMissingData": spec.missing_data.map_or("missing", ::alarms::model::MissingData::as_str),
        "EvaluateLowSampleCountPercentile": if spec.low_samples == LowSamples::Ignore { "ignore" } else { "" },
        "Metrics": metrics,
    })
}

/// `2026-01-05T00:00:00.000+0000`.
fn timestamp(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds)
        .map_or_else(|_| seconds.to_string(), |time| time.strftime("%Y-%m-%dT%H:%M:%S.000+0000").to_string())
}

/// CloudWatch writes the region's name out; where it is not known here, its code.
pub(super) fn place(region: &str) -> &str {
    match region {
        "us-east-1" => "US East (N. Virginia)",
        "us-east-2" => "US East (Ohio)",
        "us-west-1" => "US West (N. California)",
        "us-west-2" => "US West (Oregon)",
        "eu-west-1" => "EU (Ireland)",
        "eu-central-1" => "EU (Frankfurt)",
        other => other,
    }
}
