//! State reasons in CloudWatch's form.

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use super::{metric::Datapoint, missing::Decision};
use crate::model::{EpochSeconds, MetricAlarm, MissingData, State};

pub(super) const CREATED: &str = "Unchecked: Initial alarm creation";

/// `StateReason` of a metric alarm.
pub(super) fn text(
    alarm: &MetricAlarm,
    from: State,
    to: State,
    window: &[Datapoint],
    decision: Decision,
    treatment: MissingData,
) -> String {
    let spec = &alarm.spec;
    let n = spec.evaluation_periods as usize;
    let s = |count: usize| if count == 1 { "" } else { "s" };
    if to == State::InsufficientData {
        return format!("Insufficient Data: {n} datapoint{} {} unknown.", s(n), if n == 1 { "was" } else { "were" });
    }
    let m = spec.datapoints_to_alarm as usize;
    let filled_with = match treatment {
        MissingData::Breaching => "Breaching",
        MissingData::NotBreaching => "NonBreaching",
        MissingData::Missing | MissingData::Ignore => "Missing",
    };
    let filled = format!(
        "{} missing datapoint{} {} treated as [{filled_with}]",
        decision.filled,
        s(decision.filled),
        if decision.filled == 1 { "was" } else { "were" },
    );
    if decision.real == 0 {
        return format!("Threshold Crossed: no datapoints were received for {n} period{} and {filled}.", s(n));
    }
    // The sentence speaks of the points that carry the new state.
    let alarming = to == State::Alarm;
    let counted = if alarming { decision.breaching } else { decision.real - decision.breaching };
    let breaches = |value: f64| spec.comparison.breaches(value, spec.threshold);
    let shown: Vec<String> = newest(window, n)
        .filter(|(_, value)| breaches(*value) == alarming)
        .map(|(at, value)| format!("{value:?} ({})", display_time(at)))
        .collect();
    let needed = if alarming { m } else { n.saturating_sub(m) + 1 };
    if counted == 0 {
        // Every existing point breaches, and what is missing decides. The wording is this evaluator's own.
        return format!(
            "Threshold Crossed: {filled}, and {} of the last {} datapoint{} breached, of the {m} needed.",
            decision.breaching,
            decision.real,
            s(decision.real),
        );
    }
    let also = if decision.filled > 0 { format!(", and {filled}") } else { String::new() };
    format!(
        "Threshold Crossed: {counted} out of the last {} datapoint{} [{}] {} {}{} the threshold \
         ({:?}) (minimum {needed} datapoint{} for {from} -> {to} transition){also}.",
        decision.real,
        s(decision.real),
        shown.join(", "),
        if counted == 1 { "was" } else { "were" },
        if alarming { "" } else { "not " },
        spec.comparison.words(),
        spec.threshold,
        s(needed),
    )
}

/// `StateReasonData` of a metric alarm.
pub(super) fn data(alarm: &MetricAlarm, now: EpochSeconds, window: &[Datapoint]) -> String {
    let spec = &alarm.spec;
    let n = spec.evaluation_periods as usize;
    let newest: Vec<&Datapoint> = window.iter().rev().filter(|datapoint| datapoint.point.is_some()).take(n).collect();
    let mut recent: Vec<f64> = newest.iter().filter_map(|d| d.point.map(|point| point.value)).collect();
    recent.reverse();
    let evaluated: Vec<Value> = newest
        .iter()
        .filter_map(|datapoint| {
            let point = datapoint.point?;
            let mut entry = json!({
                "timestamp": aws_time(datapoint.slot.start),
                "value": point.value,
            });
            if point.samples > 0.0 {
                entry["sampleCount"] = json!(point.samples);
            }
            Some(entry)
        })
        .collect();
    let mut data = json!({
        "version": "1.0",
        "queryDate": aws_time(now),
        "period": spec.period,
        "recentDatapoints": recent,
        "threshold": spec.threshold,
        "evaluatedDatapoints": evaluated,
    });
    if let Some(oldest) = newest.last() {
        data["startDate"] = json!(aws_time(oldest.slot.start));
    }
    if let Some(stat) = alarm.direct_statistic() {
        data["statistic"] = json!(stat.to_string());
    }
    data.to_string()
}

/// The newest `n` existing values, newest first.
fn newest(window: &[Datapoint], n: usize) -> impl Iterator<Item = (EpochSeconds, f64)> {
    window.iter().rev().filter_map(|datapoint| Some((datapoint.slot.start, datapoint.point?.value))).take(n)
}

/// `StateReason` and `StateReasonData` of a composite alarm.
pub(super) fn composite(
    rule_alarm: &str,
    to: State,
    now: EpochSeconds,
    children: &[(&str, Option<State>)],
) -> (String, String) {
    let time = |at| {
        let text = display(at, "%A %d %B, %Y %H:%M:%S");
        format!("{text} UTC")
    };
    let triggering: Vec<Value> = children
        .iter()
        .filter_map(|(name, state)| {
            let value = (*state)?.as_str();
            Some(json!({ "name": name, "state": { "value": value, "timestamp": aws_time(now) } }))
        })
        .collect();
    let word = |state: Option<State>| state.map_or("not evaluated", State::as_str);
    let states: Vec<String> = children.iter().map(|(name, state)| format!("{name} is {}", word(*state))).collect();
    let reason = format!(
        "{rule_alarm} transitioned to {to} at {}: {}",
        time(now),
        if states.is_empty() { "the rule is constant".to_owned() } else { states.join(", ") }
    );
    (reason, json!({ "triggeringAlarms": triggering }).to_string())
}

fn display(at: EpochSeconds, format: &str) -> String {
    match Timestamp::from_second(at) {
        Ok(time) => time.to_zoned(TimeZone::UTC).strftime(format).to_string(),
        Err(_) => at.to_string(),
    }
}

fn display_time(at: EpochSeconds) -> String {
    display(at, "%d/%m/%y %H:%M:%S")
}

fn aws_time(at: EpochSeconds) -> String {
    display(at, "%Y-%m-%dT%H:%M:%S.000+0000")
}
