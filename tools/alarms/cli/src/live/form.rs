//! The SDK's types in the form that `aws cloudwatch describe-alarms` prints: one reader reads both.

use aws_sdk_cloudwatch::{
    operation::{describe_alarms::DescribeAlarmsOutput, get_alarm_mute_rule::GetAlarmMuteRuleOutput},
    primitives::{DateTime, DateTimeFormat},
    types::{CompositeAlarm, Dimension, EvaluationWindow, LogAlarm, MetricAlarm, MetricDataQuery, MetricStat},
};
use serde_json::{Value, json};

/// The pages, put together.
#[derive(Default)]
pub(super) struct Answer {
    metric: Vec<Value>,
    composite: Vec<Value>,
    log: Vec<Value>,
    mute: Vec<Value>,
}

impl Answer {
    pub(super) fn add(&mut self, page: &DescribeAlarmsOutput) {
        self.metric.extend(page.metric_alarms().iter().map(metric));
        self.composite.extend(page.composite_alarms().iter().map(composite));
        self.log.extend(page.log_alarms().iter().map(log));
    }

    pub(super) fn add_mute_rule(&mut self, rule: &GetAlarmMuteRuleOutput) {
        let schedule = rule.rule().and_then(|rule| rule.schedule());
        self.mute.push(json!({
            "Name": rule.name(),
            "AlarmMuteRuleArn": rule.alarm_mute_rule_arn(),
            "Rule": { "Schedule": schedule.map(|schedule| json!({
                "Expression": schedule.expression(),
                "Duration": schedule.duration(),
                "Timezone": schedule.timezone(),
            })) },
            "MuteTargets": { "AlarmNames": rule.mute_targets().map(|targets| targets.alarm_names()) },
            "StartDate": moment(rule.start_date()),
            "ExpireDate": moment(rule.expire_date()),
        }));
    }

    pub(super) fn into_json(self) -> Value {
        json!({
            "MetricAlarms": self.metric,
            "CompositeAlarms": self.composite,
            "LogAlarms": self.log,
            "AlarmMuteRules": self.mute,
        })
    }
}

/// A moment outside the calendar is none that a rule can have.
fn moment(at: Option<&DateTime>) -> Option<String> {
    at.and_then(|at| at.fmt(DateTimeFormat::DateTime).ok())
}

fn metric(alarm: &MetricAlarm) -> Value {
    json!({
        "AlarmName": alarm.alarm_name(),
        "AlarmArn": alarm.alarm_arn(),
        "AlarmDescription": alarm.alarm_description(),
        "ActionsEnabled": alarm.actions_enabled(),
        "OKActions": alarm.ok_actions(),
        "AlarmActions": alarm.alarm_actions(),
        "InsufficientDataActions": alarm.insufficient_data_actions(),
        "MetricName": alarm.metric_name(),
        "Namespace": alarm.namespace(),
        "Statistic": alarm.statistic().map(|statistic| statistic.as_str()),
        "ExtendedStatistic": alarm.extended_statistic(),
        "Dimensions": dimensions(alarm.dimensions()),
        "Period": alarm.period(),
        "Unit": alarm.unit().map(|unit| unit.as_str()),
        "EvaluationPeriods": alarm.evaluation_periods(),
        "DatapointsToAlarm": alarm.datapoints_to_alarm(),
        "Threshold": alarm.threshold(),
        "ComparisonOperator": alarm.comparison_operator().map(|operator| operator.as_str()),
        "TreatMissingData": alarm.treat_missing_data(),
        "EvaluateLowSampleCountPercentile": alarm.evaluate_low_sample_count_percentile(),
        "Metrics": alarm.metrics().iter().map(query).collect::<Vec<_>>(),
        "ThresholdMetricId": alarm.threshold_metric_id(),
        // Which query it is matters to nobody here: no reader evaluates PromQL.
        "EvaluationCriteria": alarm.evaluation_criteria().map(|_| json!({})),
        "EvaluationWindow": alarm.evaluation_window().map(window),
    })
}

fn window(window: &EvaluationWindow) -> Value {
    match window {
        EvaluationWindow::WallClockWindow(clock) => json!({ "WallClockWindow": { "Timezone": clock.timezone() } }),
        _ => json!({}),
    }
}

fn query(query: &MetricDataQuery) -> Value {
    json!({
        "Id": query.id(),
        "MetricStat": query.metric_stat().map(stat),
        "Expression": query.expression(),
        "Label": query.label(),
        "ReturnData": query.return_data(),
        "Period": query.period(),
        "AccountId": query.account_id(),
    })
}

fn stat(stat: &MetricStat) -> Value {
    json!({
        "Metric": stat.metric().map(|metric| json!({
            "Namespace": metric.namespace(),
            "MetricName": metric.metric_name(),
            "Dimensions": dimensions(metric.dimensions()),
        })),
        "Period": stat.period(),
        "Stat": stat.stat(),
        "Unit": stat.unit().map(|unit| unit.as_str()),
    })
}

fn dimensions(list: &[Dimension]) -> Vec<Value> {
    list.iter().map(|dimension| json!({ "Name": dimension.name(), "Value": dimension.value() })).collect()
}

fn composite(alarm: &CompositeAlarm) -> Value {
    json!({
        "AlarmName": alarm.alarm_name(),
        "AlarmArn": alarm.alarm_arn(),
        "AlarmDescription": alarm.alarm_description(),
        "ActionsEnabled": alarm.actions_enabled(),
        "OKActions": alarm.ok_actions(),
        "AlarmActions": alarm.alarm_actions(),
        "InsufficientDataActions": alarm.insufficient_data_actions(),
        "AlarmRule": alarm.alarm_rule(),
        "ActionsSuppressor": alarm.actions_suppressor(),
        "ActionsSuppressorWaitPeriod": alarm.actions_suppressor_wait_period(),
        "ActionsSuppressorExtensionPeriod": alarm.actions_suppressor_extension_period(),
    })
}

/// It is named and counted, not evaluated.
fn log(alarm: &LogAlarm) -> Value {
    json!({ "AlarmName": alarm.alarm_name(), "AlarmArn": alarm.alarm_arn() })
}
