//! Requests, as any of the protocols brings them.

use aws_wire::{Flag, Flexible, Moment};
use cloudwatch::api::Dimension;
use serde::Deserialize;
use serde_json::Value;

/// What both kinds of alarms have.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Common {
    pub(super) alarm_name: String,
    pub(super) alarm_description: Option<String>,
    pub(super) actions_enabled: Option<Flag>,
    #[serde(default, rename = "OKActions")]
    pub(super) ok_actions: Vec<String>,
    #[serde(default)]
    pub(super) alarm_actions: Vec<String>,
    #[serde(default)]
    pub(super) insufficient_data_actions: Vec<String>,
    #[serde(default)]
    pub(super) tags: Vec<Tag>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tag {
    pub(super) key: String,
    #[serde(default)]
    pub(super) value: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MetricAlarmInput {
    #[serde(flatten)]
    pub(super) common: Common,
    pub(super) metric_name: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) statistic: Option<String>,
    pub(super) extended_statistic: Option<String>,
    #[serde(default)]
    pub(super) dimensions: Vec<Dimension>,
    pub(super) period: Option<Flexible>,
    pub(super) unit: Option<String>,
    pub(super) evaluation_periods: Option<Flexible>,
    pub(super) datapoints_to_alarm: Option<Flexible>,
    pub(super) threshold: Option<Flexible>,
    pub(super) comparison_operator: Option<String>,
    pub(super) treat_missing_data: Option<String>,
    pub(super) evaluate_low_sample_count_percentile: Option<String>,
    #[serde(default)]
    pub(super) metrics: Vec<MetricInput>,
    pub(super) threshold_metric_id: Option<String>,
    pub(super) evaluation_window: Option<Value>,
    pub(super) warm_up_configuration: Option<Value>,
    pub(super) evaluation_criteria: Option<Value>,
    pub(super) evaluation_interval: Option<Flexible>,
    pub(super) action_configuration: Option<Value>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MetricInput {
    pub(super) id: String,
    pub(super) metric_stat: Option<MetricStat>,
    pub(super) expression: Option<String>,
    pub(super) label: Option<String>,
    pub(super) return_data: Option<Flag>,
    pub(super) period: Option<Flexible>,
    pub(super) account_id: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MetricStat {
    pub(super) metric: Metric,
    pub(super) period: Flexible,
    pub(super) stat: String,
    pub(super) unit: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Metric {
    pub(super) namespace: String,
    pub(super) metric_name: String,
    #[serde(default)]
    pub(super) dimensions: Vec<Dimension>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CompositeAlarmInput {
    #[serde(flatten)]
    pub(super) common: Common,
    #[serde(default)]
    pub(super) alarm_rule: String,
    pub(super) actions_suppressor: Option<String>,
    pub(super) actions_suppressor_wait_period: Option<Flexible>,
    pub(super) actions_suppressor_extension_period: Option<Flexible>,
    pub(super) action_configuration: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeAlarms {
    #[serde(default)]
    pub(super) alarm_names: Vec<String>,
    pub(super) alarm_name_prefix: Option<String>,
    #[serde(default)]
    pub(super) alarm_types: Vec<String>,
    pub(super) children_of_alarm_name: Option<String>,
    pub(super) parents_of_alarm_name: Option<String>,
    pub(super) state_value: Option<String>,
    pub(super) action_prefix: Option<String>,
    pub(super) max_records: Option<Flexible>,
    pub(super) next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeAlarmsForMetric {
    pub(super) metric_name: String,
    pub(super) namespace: String,
    pub(super) statistic: Option<String>,
    pub(super) extended_statistic: Option<String>,
    #[serde(default)]
    pub(super) dimensions: Vec<Dimension>,
    pub(super) period: Option<Flexible>,
    pub(super) unit: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeAlarmHistory {
    pub(super) alarm_name: Option<String>,
    #[serde(default)]
    pub(super) alarm_types: Vec<String>,
    pub(super) history_item_type: Option<String>,
    pub(super) start_date: Option<Moment>,
    pub(super) end_date: Option<Moment>,
    pub(super) max_records: Option<Flexible>,
    pub(super) next_token: Option<String>,
    pub(super) scan_by: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SetAlarmState {
    pub(super) alarm_name: String,
    pub(super) state_value: String,
    pub(super) state_reason: String,
    #[serde(default)]
    pub(super) state_reason_data: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AlarmNames {
    #[serde(default)]
    pub(super) alarm_names: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Tagging {
    #[serde(rename = "ResourceARN")]
    pub(super) resource_arn: String,
    #[serde(default)]
    pub(super) tags: Vec<Tag>,
    #[serde(default)]
    pub(super) tag_keys: Vec<String>,
}
