//! What has happened to the alarms: DescribeAlarmHistory.

use std::collections::VecDeque;

use aws_wire::{ApiError, Output, Page};
use cloudwatch::{EpochSeconds, api::error::invalid};
use serde_json::{Value, json};

use super::{input::DescribeAlarmHistory, limits};
use crate::evaluate::{Status, Transition};

/// CloudWatch keeps two weeks.
const KEPT_S: i64 = 14 * 86_400;
/// Whatever happens, it stays in memory.
const MOST: usize = 20_000;
const PAGE: usize = 100;

#[derive(Clone, Debug)]
struct Item {
    alarm: String,
    kind: &'static str,
    at: EpochSeconds,
    what: &'static str,
    summary: String,
    data: String,
}

/// Oldest first.
#[derive(Debug, Default)]
pub(super) struct History(VecDeque<Item>);

impl History {
    fn add(&mut self, item: Item) {
        while self.0.front().is_some_and(|oldest| oldest.at < item.at - KEPT_S) || self.0.len() >= MOST {
            self.0.pop_front();
        }
        self.0.push_back(item);
    }

    /// An alarm was created, updated or deleted: `Create`, `Update`, `Delete`.
    pub(super) fn configured(&mut self, alarm: &str, kind: &'static str, at: EpochSeconds, how: &str, alarms: Value) {
        let verb = match how {
            "Create" => "created",
            "Update" => "updated",
            _ => "deleted",
        };
        let mut data = json!({"version": "1.0", "type": how});
        if let (Some(data), Value::Object(alarms)) = (data.as_object_mut(), alarms) {
            data.extend(alarms);
        }
        let summary = format!("Alarm \"{alarm}\" {verb}");
        let what = "ConfigurationUpdate";
        self.add(Item { alarm: alarm.into(), kind, at, what, summary, data: data.to_string() });
    }

    /// An alarm has another state.
    pub(super) fn transition(&mut self, kind: &'static str, before: &Status, transition: &Transition) {
        let state = |state: crate::model::State, reason: &str, data: &str| {
            let mut object = json!({"stateValue": state.as_str(), "stateReason": reason});
            if let Ok(data) = serde_json::from_str::<Value>(data) {
                object["stateReasonData"] = data;
            }
            object
        };
        let data = json!({
            "version": "1.0",
            "oldState": state(before.state, &before.reason, &before.reason_data),
            "newState": state(transition.to, &transition.reason, &transition.reason_data),
        });
        self.add(Item {
            alarm: transition.alarm.clone(),
            kind,
            at: transition.at,
            what: "StateUpdate",
            summary: format!("Alarm updated from {} to {}", transition.from, transition.to),
            data: data.to_string(),
        });
    }

    /// An action was carried out, or could not be.
    pub(super) fn action(
        &mut self,
        alarm: &str,
        kind: &'static str,
        at: EpochSeconds,
        arn: &str,
        result: Result<&Value, &str>,
    ) {
        let mut data = json!({
            "version": "1.0",
            "actionState": if result.is_ok() { "Succeeded" } else { "Failed" },
            "stateUpdateTimestamp": at * 1000,
            "notificationResource": arn,
        });
        let summary = match result {
            Ok(message) => {
                data["publishedMessage"] = message.clone();
                format!("Successfully executed action {arn}")
            }
            Err(error) => {
                data["error"] = json!(error);
                format!("Failed to execute action {arn}. Received error: \"{error}\"")
            }
        };
        self.add(Item { alarm: alarm.into(), kind, at, what: "Action", summary, data: data.to_string() });
    }

    pub(super) fn describe(&self, input: &DescribeAlarmHistory) -> Result<Output, ApiError> {
        let size = limits::records(input.max_records, PAGE)?;
        let newest_first = match input.scan_by.as_deref() {
            None | Some("TimestampDescending") => true,
            Some("TimestampAscending") => false,
            Some(other) => return Err(invalid(format!("The value {other} for parameter ScanBy is invalid."))),
        };
        if let Some(other) = input.history_item_type.as_deref().filter(|what| !WHATS.contains(what)) {
            return Err(invalid(format!("The value {other} for parameter HistoryItemType is invalid.")));
        }
        let is_wanted = |item: &&Item| {
            let at = item.at as f64;
            input.alarm_name.as_ref().is_none_or(|name| *name == item.alarm)
                // Without a type only metric alarms are told.
                && match input.alarm_types.as_slice() {
                    [] => input.alarm_name.is_some() || item.kind == "MetricAlarm",
                    types => types.iter().any(|kind| kind == item.kind),
                }
                && input.history_item_type.as_ref().is_none_or(|what| what == item.what)
                && input.start_date.is_none_or(|start| start.0 <= at)
                && input.end_date.is_none_or(|end| at <= end.0)
        };
        let mut found: Vec<_> = self.0.iter().filter(is_wanted).collect();
        if newest_first {
            found.reverse();
        }
        let page = Page::of(&found, input.next_token.as_deref(), size)?;
        let item = |item: &&Item| {
            Output::Map(vec![
                ("AlarmName", Output::from(&item.alarm)),
                ("AlarmType", Output::from(item.kind)),
                ("Timestamp", Output::Time(item.at as f64)),
                ("HistoryItemType", Output::from(item.what)),
                ("HistorySummary", Output::from(&item.summary)),
                ("HistoryData", Output::from(&item.data)),
            ])
        };
        let mut members = vec![("AlarmHistoryItems", Output::List(page.items.iter().map(item).collect()))];
        members.extend(page.token());
        Ok(Output::Map(members))
    }
}

const WHATS: [&str; 3] = ["ConfigurationUpdate", "StateUpdate", "Action"];
