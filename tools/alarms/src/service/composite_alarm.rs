//! PutCompositeAlarm.

use aws_wire::{ApiError, Flexible};
use cloudwatch::api::error::validation;

use super::{input::CompositeAlarmInput, limits};
use crate::{
    composite::{alarm_name, parse},
    evaluate::Put,
    model::{CompositeAlarm, Suppressor},
};

/// Checks an alarm and makes it ready to be evaluated; `exists` knows the other alarms.
pub(super) fn compile(input: &CompositeAlarmInput, exists: impl Fn(&str) -> bool) -> Result<Put, ApiError> {
    limits::common(&input.common)?;
    let rule =
        parse(&input.alarm_rule).map_err(|error| validation(format!("Invalid alarm rule expression: {error}")))?;
    let missing: Vec<_> = rule.alarms().into_iter().map(alarm_name).filter(|name| !exists(name)).collect();
    if !missing.is_empty() {
        return Err(validation(format!(
            "Could not save the composite alarm as alarms [{}] in the alarm rule do not exist",
            missing.join(", ")
        )));
    }
    let common = &input.common;
    let alarm = CompositeAlarm {
        name: common.alarm_name.clone(),
        key: common.alarm_name.clone(),
        about: common.about(),
        actions: common.actions(),
        rule_text: input.alarm_rule.clone(),
        rule,
        suppressor: suppressor(input, exists)?,
    };
    Ok(Put::Composite(Box::new(alarm)))
}

fn suppressor(input: &CompositeAlarmInput, exists: impl Fn(&str) -> bool) -> Result<Option<Suppressor>, ApiError> {
    let Some(alarm) = &input.actions_suppressor else { return Ok(None) };
    if !exists(alarm_name(alarm)) {
        return Err(validation(format!(
            "Could not save the composite alarm as the suppressor [{alarm}] does not exist"
        )));
    }
    let seconds = |name: &str, value: Option<Flexible>| match value {
        Some(Flexible(seconds)) if seconds >= 0.0 && seconds.fract() == 0.0 => Ok(seconds as i64),
        Some(_) => Err(validation(format!("{name} is a whole number of seconds"))),
        None => Err(validation(format!("{name} is required when ActionsSuppressor is specified"))),
    };
    Ok(Some(Suppressor {
        alarm: alarm.clone(),
        wait_s: seconds("ActionsSuppressorWaitPeriod", input.actions_suppressor_wait_period)?,
        extension_s: seconds("ActionsSuppressorExtensionPeriod", input.actions_suppressor_extension_period)?,
    }))
}
