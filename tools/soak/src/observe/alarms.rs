//! The alarm that must stay silent.

use anyhow::{Context as _, Result};
use aws_sdk_cloudwatch::types::HistoryItemType;
use jiff::Timestamp;
use serde_json::Value;

use crate::stack::Stack;

/// What the alarm on orders that are unaccounted for has done.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Alarm {
    pub(crate) state: String,
    /// How often it has fired over an hour that is judged: one long enough that what stands still for seconds does not count in it.
    pub(crate) fired: u64,
}

/// Its key in the catalogue.
pub(crate) const UNACCOUNTED: &str = "orders-unaccounted";

/// `judged_from`: the first hour that is judged, if any is.
pub(crate) async fn read(stack: &Stack, judged_from: Option<Timestamp>) -> Result<Alarm> {
    let client = aws_sdk_cloudwatch::Client::new(&stack.sdk);
    let name = format!("{}-{UNACCOUNTED}", stack.names.prefix());
    let told = client.describe_alarms().alarm_names(&name).send().await.context("can't read the alarms")?;
    let alarm = told.metric_alarms().first().with_context(|| format!("there is no alarm {name}"))?;
    let state = alarm.state_value().map(|state| state.as_str().to_owned()).unwrap_or_default();
    let history = client.describe_alarm_history().alarm_name(&name).history_item_type(HistoryItemType::StateUpdate);
    let history = history.send().await.context("can't read the alarm's history")?;
    let mut fired = 0;
    for item in history.alarm_history_items() {
        let data: Value =
            serde_json::from_str(item.history_data().unwrap_or_default()).context("an alarm's history")?;
        fired += u64::from(has_fired(&data["newState"], judged_from)?);
    }
    Ok(Alarm { state, fired })
}

fn has_fired(state: &Value, judged_from: Option<Timestamp>) -> Result<bool> {
    let Some(judged_from) = judged_from.filter(|_| state["stateValue"] == "ALARM") else { return Ok(false) };
    let hour = state["stateReasonData"]["startDate"].as_str().context("an alarm that fired over no hour")?;
    let hour = jiff::fmt::strtime::parse("%Y-%m-%dT%H:%M:%S%.f%z", hour).and_then(|time| time.to_timestamp());
    Ok(hour.with_context(|| format!("an alarm that fired over the hour {state}"))? >= judged_from)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_alarm_over_the_hour_in_which_sending_began_is_not_judged() {
        let from = "2026-11-30T08:00:00Z".parse().ok();
        let state = |value: &str, hour: &str| json!({"stateValue": value, "stateReasonData": {"startDate": format!("2026-11-30T{hour}:00:00.000+0000")}});
        assert!(!has_fired(&state("ALARM", "07"), from).unwrap());
        assert!(has_fired(&state("ALARM", "08"), from).unwrap());
        assert!(!has_fired(&state("OK", "08"), from).unwrap());
        assert!(!has_fired(&state("ALARM", "08"), None).unwrap());
    }
}
