//! What CloudWatch sends to a topic.

use serde_json::{Value, json};

use super::{
    input::{MetricAlarmInput, MetricInput},
    record::{Definition, Record, key},
};
use crate::evaluate::Transition;

/// A message for a topic.
#[derive(Clone, Debug, PartialEq)]
pub struct Notification {
    /// SNS takes 100 characters.
    pub subject: String,
    /// JSON.
    pub message: Value,
}

pub(super) fn of(record: &Record, transition: &Transition, region: &str, account: &str) -> Notification {
    let common = record.definition.common();
    let mut message = json!({
        "AlarmName": common.alarm_name,
        "AlarmDescription": common.alarm_description,
        "AWSAccountId": account,
        "AlarmConfigurationUpdatedTimestamp": timestamp(record.configured),
        "NewStateValue": transition.to.as_str(),
        "NewStateReason": transition.reason,
        "StateChangeTime": timestamp(transition.at),
        "Region": place(region),
        "AlarmArn": record.arn,
        "OldStateValue": transition.from.as_str(),
        "OKActions": common.ok_actions,
        "AlarmActions": common.alarm_actions,
        "InsufficientDataActions": common.insufficient_data_actions,
    });
    match &record.definition {
        Definition::Metric(input) => message["Trigger"] = trigger(input),
        Definition::Composite(input) => message["AlarmRule"] = json!(input.alarm_rule),
    }
    let subject = format!("{}: \"{}\" in {}", transition.to, common.alarm_name, place(region));
    Notification { subject: subject.chars().take(100).collect(), message }
}

fn trigger(input: &MetricAlarmInput) -> Value {
    let number = |value: Option<aws_wire::Flexible>| value.map_or(Value::Null, |value| whole(value.0));
    let mut trigger = json!({
        "Period": number(input.period.or_else(|| input.metrics.iter().find_map(|metric| Some(metric.metric_stat.as_ref()?.period)))),
        "EvaluationPeriods": number(input.evaluation_periods),
        "ComparisonOperator": input.comparison_operator,
        "Threshold": input.threshold.map(|threshold| threshold.0),
        "TreatMissingData": input.treat_missing_data.as_deref().unwrap_or("missing"),
        "EvaluateLowSampleCountPercentile": input.evaluate_low_sample_count_percentile.as_deref().unwrap_or_default(),
    });
    if let Some(m) = input.datapoints_to_alarm {
        trigger["DatapointsToAlarm"] = whole(m.0);
    }
    if input.metrics.is_empty() {
        let key = key(input);
        trigger["MetricName"] = json!(key.name);
        trigger["Namespace"] = json!(key.namespace);
        let extended = input.extended_statistic.as_deref();
        trigger["StatisticType"] = json!(if extended.is_some() { "ExtendedStatistic" } else { "Statistic" });
        let statistic = input.statistic.as_deref().map(str::to_uppercase);
        trigger["Statistic"] = json!(statistic.as_deref().or(extended));
        trigger["Unit"] = json!(input.unit);
        trigger["Dimensions"] = dimensions(key.dimensions.iter());
    } else {
        trigger["Metrics"] = input.metrics.iter().map(query).collect();
    }
    trigger
}

fn query(input: &MetricInput) -> Value {
    let mut entry = json!({"Id": input.id, "ReturnData": input.return_data.is_none_or(|flag| flag.0)});
    if let Some(label) = &input.label {
        entry["Label"] = json!(label);
    }
    if let Some(expression) = &input.expression {
        entry["Expression"] = json!(expression);
    }
    if let Some(stat) = &input.metric_stat {
        let of = cloudwatch::api::dimensions(stat.metric.dimensions.clone()).unwrap_or_default();
        entry["MetricStat"] = json!({
            "Metric": {"Dimensions": dimensions(of.iter()), "MetricName": stat.metric.metric_name, "Namespace": stat.metric.namespace},
            "Period": whole(stat.period.0),
            "Stat": stat.stat,
        });
        if let Some(unit) = &stat.unit {
            entry["MetricStat"]["Unit"] = json!(unit);
        }
    }
    entry
}

/// CloudWatch's own spelling, which differs from the API's.
fn dimensions<'a>(of: impl Iterator<Item = (&'a String, &'a String)>) -> Value {
    of.map(|(name, value)| json!({"value": value, "name": name})).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "counts and seconds, checked when they were put")]
fn whole(number: f64) -> Value {
    json!(number as i64)
}

/// `2026-01-05T00:00:00.000+0000`.
fn timestamp(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds)
        .map_or_else(|_| seconds.to_string(), |time| time.strftime("%Y-%m-%dT%H:%M:%S.000+0000").to_string())
}

/// CloudWatch writes the region's name out; where it is not known here, its code.
fn place(region: &str) -> &str {
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
