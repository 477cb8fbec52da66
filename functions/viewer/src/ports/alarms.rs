//! The environment's alarms, and CloudWatch behind them.

use aws_sdk_cloudwatch::{
    primitives::DateTime,
    types::{AlarmType, StateValue},
};
use jiff::Timestamp;
use telemetry::{AwsCall, Step};

use super::{Aws, AwsError};

/// An alarm as it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// As the catalogue has it: what it means, its severity and its runbook.
    pub description: String,
    /// `ALARM`, `OK` or `INSUFFICIENT_DATA`.
    pub state: String,
    /// Since when.
    pub since: Option<Timestamp>,
    /// CloudWatch's reason.
    pub reason: String,
}

/// Where alarms are.
pub trait Alarms {
    /// All those whose names begin so.
    fn alarms(&self, prefix: &str) -> impl Future<Output = Result<Vec<Alarm>, AwsError>> + Send;
}

impl Alarms for Aws {
    async fn alarms(&self, prefix: &str) -> Result<Vec<Alarm>, AwsError> {
        let read = async {
            let types = [AlarmType::MetricAlarm, AlarmType::CompositeAlarm].to_vec();
            let call = self.cloudwatch.describe_alarms().alarm_name_prefix(prefix).set_alarm_types(Some(types));
            let mut pages = call.into_paginator().send();
            let mut alarms = Vec::new();
            while let Some(page) = pages.next().await {
                let page = page.map_err(|error| AwsError::of("CloudWatch", &error))?;
                alarms.extend(page.composite_alarms().iter().map(|alarm| Alarm {
                    name: text(alarm.alarm_name()),
                    description: text(alarm.alarm_description()),
                    state: state(alarm.state_value()),
                    since: since(alarm.state_transitioned_timestamp().or(alarm.state_updated_timestamp())),
                    reason: text(alarm.state_reason()),
                }));
                alarms.extend(page.metric_alarms().iter().map(|alarm| Alarm {
                    name: text(alarm.alarm_name()),
                    description: text(alarm.alarm_description()),
                    state: state(alarm.state_value()),
                    since: since(alarm.state_transitioned_timestamp().or(alarm.state_updated_timestamp())),
                    reason: text(alarm.state_reason()),
                }));
            }
            Ok(alarms)
        };
        Step::new("describe-alarms").aws(AwsCall::new("CloudWatch", "DescribeAlarms")).run(read).await
    }
}

fn text(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}

fn state(state: Option<&StateValue>) -> String {
    text(state.map(StateValue::as_str))
}

fn since(at: Option<&DateTime>) -> Option<Timestamp> {
    Timestamp::from_second(at?.secs()).ok()
}
