//! The alarm that must stay silent.

use anyhow::{Context as _, Result};
use aws_sdk_cloudwatch::types::HistoryItemType;

use crate::stack::Stack;

/// What the alarm on orders that are unaccounted for has done.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Alarm {
    pub(crate) state: String,
    /// How often it has fired.
    pub(crate) fired: u64,
    /// Its hour was long enough that what stands still for seconds does not count in it.
    pub(crate) is_judged: bool,
}

/// Its key in the catalogue.
pub(crate) const UNACCOUNTED: &str = "orders-unaccounted";

pub(crate) async fn read(stack: &Stack, is_judged: bool) -> Result<Alarm> {
    let client = aws_sdk_cloudwatch::Client::new(&stack.sdk);
    let name = format!("{}-{UNACCOUNTED}", stack.names.prefix());
    let told = client.describe_alarms().alarm_names(&name).send().await.context("can't read the alarms")?;
    let alarm = told.metric_alarms().first().with_context(|| format!("there is no alarm {name}"))?;
    let state = alarm.state_value().map(|state| state.as_str().to_owned()).unwrap_or_default();
    let history = client.describe_alarm_history().alarm_name(&name).history_item_type(HistoryItemType::StateUpdate);
    let history = history.send().await.context("can't read the alarm's history")?;
    let fired = history.alarm_history_items().iter().filter_map(|item| item.history_summary());
    let fired = fired.filter(|summary| summary.ends_with("to ALARM")).count() as u64;
    Ok(Alarm { state, fired, is_judged })
}
