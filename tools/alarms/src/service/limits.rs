//! What CloudWatch takes of an alarm.

use std::collections::BTreeMap;

use aws_wire::{ApiError, Flexible};
use cloudwatch::api::error::{invalid, validation};

use super::input::{Common, Tag};

const MAX_NAME: usize = 255;
const MAX_DESCRIPTION: usize = 1_024;
const MAX_ACTIONS: usize = 5;
const MAX_TAGS: usize = 50;

pub(super) fn common(common: &Common) -> Result<(), ApiError> {
    if !(1..=MAX_NAME).contains(&common.alarm_name.chars().count()) {
        return Err(validation(format!("AlarmName has 1 to {MAX_NAME} characters")));
    }
    if common.alarm_description.as_ref().is_some_and(|text| text.chars().count() > MAX_DESCRIPTION) {
        return Err(validation(format!("AlarmDescription has at most {MAX_DESCRIPTION} characters")));
    }
    for (name, actions) in [
        ("AlarmActions", &common.alarm_actions),
        ("OKActions", &common.ok_actions),
        ("InsufficientDataActions", &common.insufficient_data_actions),
    ] {
        if actions.len() > MAX_ACTIONS {
            return Err(validation(format!("{name} has at most {MAX_ACTIONS} members")));
        }
        if let Some(wrong) = actions.iter().find(|action| !action.starts_with("arn:")) {
            return Err(validation(format!("Invalid arn syntax: {wrong}")));
        }
    }
    tags(&common.tags).map(drop)
}

pub(super) fn tags(tags: &[Tag]) -> Result<BTreeMap<String, String>, ApiError> {
    if tags.len() > MAX_TAGS {
        return Err(invalid(format!("more than {MAX_TAGS} tags")));
    }
    tags.iter()
        .map(|Tag { key, value }| {
            if !(1..=128).contains(&key.chars().count()) || value.chars().count() > 256 || key.starts_with("aws:") {
                let text = format!(
                    "the tag {key:?}: a key has 1 to 128 characters and does not begin with aws:, a value at most 256"
                );
                return Err(invalid(text));
            }
            Ok((key.clone(), value.clone()))
        })
        .collect()
}

/// An alarm's period, in whole seconds.
#[expect(clippy::cast_possible_truncation, reason = "checked to be small and whole")]
pub(super) fn period(seconds: Flexible) -> Result<i64, ApiError> {
    if seconds.0.fract() == 0.0 && (10.0..=604_800.0).contains(&seconds.0) {
        let period = seconds.0 as i64;
        if matches!(period, 10 | 20 | 30) || period % 60 == 0 {
            return Ok(period);
        }
    }
    Err(validation("Period must be 10, 20, 30 or a multiple of 60 seconds, up to a week."))
}

/// How far an alarm looks back.
pub(super) fn range(period: i64, evaluation_periods: u32) -> Result<(), ApiError> {
    let seconds = period.saturating_mul(i64::from(evaluation_periods));
    let (most, words) =
        if period >= 3_600 { (604_800, "seven days") } else { (86_400, "a day, with a period below an hour") };
    if seconds > most {
        let text = format!(
            "Metrics cannot be checked across more than {words} (EvaluationPeriods * Period must be <= {most})."
        );
        return Err(validation(text));
    }
    Ok(())
}

/// `MaxRecords`, 1 to 100.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be small")]
pub(super) fn records(max: Option<Flexible>, default: usize) -> Result<usize, ApiError> {
    match max {
        None => Ok(default),
        Some(Flexible(max)) if (1.0..=100.0).contains(&max) => Ok(max as usize),
        Some(_) => Err(validation("MaxRecords is 1 to 100")),
    }
}
