//! An alarm as it was put, and as it is described.

use std::collections::BTreeMap;

use aws_wire::Output;
use cloudwatch::{EpochSeconds, MetricKey, api::dimensions_output};

use super::input::{Common, CompositeAlarmInput, MetricAlarmInput, MetricInput};
use crate::{
    evaluate::Status,
    model::{About, Actions},
};

/// Either kind.
#[derive(Clone, Debug)]
pub(super) enum Definition {
    Metric(Box<MetricAlarmInput>),
    Composite(Box<CompositeAlarmInput>),
}

/// What is known of an alarm beside its state.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) definition: Definition,
    pub(super) arn: String,
    pub(super) configured: EpochSeconds,
    pub(super) tags: BTreeMap<String, String>,
    /// As it was before the latest transition: the history tells both.
    pub(super) last: Status,
}

impl Definition {
    pub(super) fn common(&self) -> &Common {
        match self {
            Definition::Metric(input) => &input.common,
            Definition::Composite(input) => &input.common,
        }
    }

    pub(super) fn common_mut(&mut self) -> &mut Common {
        match self {
            Definition::Metric(input) => &mut input.common,
            Definition::Composite(input) => &mut input.common,
        }
    }

    /// `AlarmType`.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Definition::Metric(_) => "MetricAlarm",
            Definition::Composite(_) => "CompositeAlarm",
        }
    }
}

impl Common {
    pub(super) fn enabled(&self) -> bool {
        self.actions_enabled.is_none_or(|flag| flag.0)
    }

    /// What a person reads of an alarm of either kind.
    pub(super) fn about(&self) -> About {
        About { summary: self.alarm_description.clone().unwrap_or_default(), ..About::default() }
    }

    /// The action lists of an alarm of either kind.
    pub(super) fn actions(&self) -> Actions {
        Actions {
            enabled: self.enabled(),
            alarm: self.alarm_actions.clone(),
            ok: self.ok_actions.clone(),
            insufficient_data: self.insufficient_data_actions.clone(),
        }
    }
}

impl Record {
    /// As DescribeAlarms tells it.
    pub(super) fn describe(&self, status: &Status) -> Output {
        let mut members = self.configuration();
        members.extend([
            ("StateValue", Output::from(status.state.as_str())),
            ("StateReason", Output::from(&status.reason)),
            ("StateUpdatedTimestamp", Output::Time(status.since as f64)),
            ("StateTransitionedTimestamp", Output::Time(status.since as f64)),
        ]);
        if !status.reason_data.is_empty() {
            members.push(("StateReasonData", Output::from(&status.reason_data)));
        }
        if let Some(by) = status.suppressed_by {
            members.push(("ActionsSuppressedBy", Output::from(format!("{by:?}"))));
        }
        Output::Map(members)
    }

    /// What was put.
    pub(super) fn configuration(&self) -> Vec<(&'static str, Output)> {
        let common = self.definition.common();
        let mut members = vec![
            ("AlarmName", Output::from(&common.alarm_name)),
            ("AlarmArn", Output::from(&self.arn)),
            ("AlarmConfigurationUpdatedTimestamp", Output::Time(self.configured as f64)),
            ("ActionsEnabled", Output::from(common.enabled())),
            ("OKActions", Output::list(&common.ok_actions)),
            ("AlarmActions", Output::list(&common.alarm_actions)),
            ("InsufficientDataActions", Output::list(&common.insufficient_data_actions)),
        ];
        members.extend(common.alarm_description.as_ref().map(|text| ("AlarmDescription", Output::from(text))));
        match &self.definition {
            Definition::Metric(input) => metric_members(input, &mut members),
            Definition::Composite(input) => composite_members(input, &mut members),
        }
        members
    }
}

#[expect(clippy::cast_possible_truncation, reason = "counts and seconds, checked when they were put")]
fn integer(number: aws_wire::Flexible) -> Output {
    Output::Integer(number.0 as i64)
}

fn metric_members(input: &MetricAlarmInput, members: &mut Vec<(&'static str, Output)>) {
    let mut text = |name: &'static str, value: &Option<String>| {
        members.extend(value.as_ref().map(|value| (name, Output::from(value))));
    };
    text("MetricName", &input.metric_name);
    text("Namespace", &input.namespace);
    text("Statistic", &input.statistic);
    text("ExtendedStatistic", &input.extended_statistic);
    text("Unit", &input.unit);
    text("ComparisonOperator", &input.comparison_operator);
    text("TreatMissingData", &input.treat_missing_data);
    text("EvaluateLowSampleCountPercentile", &input.evaluate_low_sample_count_percentile);
    text("ThresholdMetricId", &input.threshold_metric_id);
    members.push(("Dimensions", dimensions_output(&key(input).dimensions)));
    for (name, value) in [
        ("Period", input.period),
        ("EvaluationPeriods", input.evaluation_periods),
        ("DatapointsToAlarm", input.datapoints_to_alarm),
        ("EvaluationInterval", input.evaluation_interval),
    ] {
        members.extend(value.map(|value| (name, integer(value))));
    }
    members.extend(input.threshold.map(|value| ("Threshold", Output::Number(value.0))));
    if !input.metrics.is_empty() {
        members.push(("Metrics", Output::List(input.metrics.iter().map(query).collect())));
    }
    for (name, value) in [
        ("EvaluationWindow", &input.evaluation_window),
        ("WarmUpConfiguration", &input.warm_up_configuration),
        ("EvaluationCriteria", &input.evaluation_criteria),
        ("ActionConfiguration", &input.action_configuration),
    ] {
        members.extend(value.as_ref().map(|value| (name, Output::from(value))));
    }
}

/// The metric of the plain form; empty in the other.
pub(super) fn key(input: &MetricAlarmInput) -> MetricKey {
    MetricKey {
        namespace: input.namespace.clone().unwrap_or_default(),
        name: input.metric_name.clone().unwrap_or_default(),
        dimensions: cloudwatch::api::dimensions(input.dimensions.clone()).unwrap_or_default(),
    }
}

pub(super) fn query(input: &MetricInput) -> Output {
    let mut members = vec![("Id", Output::from(&input.id))];
    if let Some(stat) = &input.metric_stat {
        let dimensions = cloudwatch::api::dimensions(stat.metric.dimensions.clone()).unwrap_or_default();
        let metric = vec![
            ("Namespace", Output::from(&stat.metric.namespace)),
            ("MetricName", Output::from(&stat.metric.metric_name)),
            ("Dimensions", dimensions_output(&dimensions)),
        ];
        let mut stat_members =
            vec![("Metric", Output::Map(metric)), ("Period", integer(stat.period)), ("Stat", Output::from(&stat.stat))];
        stat_members.extend(stat.unit.as_ref().map(|unit| ("Unit", Output::from(unit))));
        members.push(("MetricStat", Output::Map(stat_members)));
    }
    members.extend(input.expression.as_ref().map(|text| ("Expression", Output::from(text))));
    members.extend(input.label.as_ref().map(|text| ("Label", Output::from(text))));
    members.push(("ReturnData", Output::from(input.return_data.is_none_or(|flag| flag.0))));
    members.extend(input.period.map(|period| ("Period", integer(period))));
    members.extend(input.account_id.as_ref().map(|text| ("AccountId", Output::from(text))));
    Output::Map(members)
}

fn composite_members(input: &CompositeAlarmInput, members: &mut Vec<(&'static str, Output)>) {
    members.push(("AlarmRule", Output::from(&input.alarm_rule)));
    members.extend(input.actions_suppressor.as_ref().map(|alarm| ("ActionsSuppressor", Output::from(alarm))));
    for (name, value) in [
        ("ActionsSuppressorWaitPeriod", input.actions_suppressor_wait_period),
        ("ActionsSuppressorExtensionPeriod", input.actions_suppressor_extension_period),
    ] {
        members.extend(value.map(|value| (name, integer(value))));
    }
    members.extend(input.action_configuration.as_ref().map(|value| ("ActionConfiguration", Output::from(value))));
}
