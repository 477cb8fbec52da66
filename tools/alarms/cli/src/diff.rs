//! What a change of the alarms changes: alarms, scenarios, and what would have fired over recorded data.

use std::collections::BTreeSet;

use alarms::{catalogue::Alarm, evaluate::Options};
use serde::Serialize;

use crate::{
    backtest::{Recording, RecordingError, backtest},
    scenario::{Scenario, find, run},
    sources::{Found, Group},
};

/// A difference, in words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// An alarm's key, or a scenario's name.
    pub of: String,
    /// What is different.
    pub what: String,
}

/// Alarms that are new, gone or defined otherwise.
pub fn alarms(old: &Found, new: &Found) -> Vec<Difference> {
    let keys = |found: &Found| -> BTreeSet<String> {
        found.groups.iter().flat_map(|group| group.catalogue.alarms()).map(|alarm| alarm.name().to_owned()).collect()
    };
    let (before, after) = (keys(old), keys(new));
    let mut all: Vec<Difference> = Vec::new();
    for name in before.union(&after) {
        let what = match (definition(old, name), definition(new, name)) {
            (None, Some(_)) => "is new".to_owned(),
            (Some(_), None) => "is gone".to_owned(),
            (Some(old), Some(new)) if old != new => {
                let pairs = old.iter().zip(&new).filter(|(old, new)| old != new);
                pairs.map(|((field, old), (_, new))| format!("{field}: {old} -> {new}")).collect::<Vec<_>>().join("; ")
            }
            _ => continue,
        };
        all.push(Difference { of: name.clone(), what });
    }
    all
}

fn definition(found: &Found, name: &str) -> Option<Vec<(&'static str, String)>> {
    let alarm = found.groups.iter().find_map(|group| group.catalogue.find(name))?;
    let mut fields = match alarm {
        Alarm::Metric(alarm) => {
            let spec = &alarm.spec;
            vec![
                ("comparison", spec.comparison.symbol().to_owned()),
                ("threshold", spec.threshold.to_string()),
                ("period", spec.period.to_string()),
                ("datapoints", format!("{} of {}", spec.datapoints_to_alarm, spec.evaluation_periods)),
                ("missing data", spec.missing_data.map_or("default", |missing| missing.as_str()).to_owned()),
                ("metrics", format!("{:?}", spec.queries)),
            ]
        }
        Alarm::Composite(alarm) => {
            vec![("rule", alarm.rule_text.clone()), ("suppressor", format!("{:?}", alarm.suppressor))]
        }
    };
    fields.push(("actions", format!("{:?}", alarm.actions())));
    Some(fields)
}

/// Scenarios that pass on one side only, or pass with other actions.
pub fn scenarios(old: &Group, new: &Group, scenarios: &[Scenario], options: &Options) -> Vec<Difference> {
    let mut all = Vec::new();
    for scenario in scenarios {
        let (before, after) = (run(old, scenario, options), run(new, scenario, options));
        let first = |failures: &[crate::scenario::Failure]| failures.first().map(|failure| failure.message.clone());
        let what = match (first(&before.failures), first(&after.failures)) {
            (None, Some(failure)) => format!("passed, and fails: {failure}"),
            (Some(_), None) => "failed, and passes".to_owned(),
            (Some(old), Some(new)) if old != new => format!("failed ({old}), and fails otherwise: {new}"),
            _ if before.fired != after.fired => {
                format!("actions: {} -> {}", list(&before.fired), list(&after.fired))
            }
            _ => continue,
        };
        all.push(Difference { of: scenario.name.clone(), what });
    }
    all
}

fn list(lines: &[String]) -> String {
    if lines.is_empty() { "none".to_owned() } else { lines.join(", ") }
}

/// When an alarm fired, and when that ended.
type Incidents = Vec<(i64, Option<i64>)>;

/// What an alarm would have done over a recording, before and after.
///
/// # Errors
/// When the recording doesn't fit the alarm on either side.
pub fn incidents(
    old: &Group,
    new: &Group,
    name: &str,
    text: &str,
    options: &Options,
) -> Result<Vec<Difference>, RecordingError> {
    let of = |group: &Group| -> Result<Option<Incidents>, RecordingError> {
        let Some(Alarm::Metric(alarm)) = find(group, name) else { return Ok(None) };
        let recording = Recording::read(text, alarm)?;
        let result = backtest(alarm, alarm.spec.threshold, &recording, options)?;
        Ok(Some(result.episodes.into_iter().map(|episode| (episode.from, episode.to)).collect()))
    };
    let (Some(before), Some(after)) = (of(old)?, of(new)?) else { return Ok(Vec::new()) };
    let time = |at: i64| jiff::Timestamp::from_second(at).map_or_else(|_| at.to_string(), |time| time.to_string());
    let words =
        |(from, to): &(i64, Option<i64>)| format!("{} to {}", time(*from), to.map_or("the end".to_owned(), time));
    let mut all = Vec::new();
    for incident in before.iter().filter(|incident| !after.contains(incident)) {
        all.push(Difference { of: name.to_owned(), what: format!("would no longer fire: {}", words(incident)) });
    }
    for incident in after.iter().filter(|incident| !before.contains(incident)) {
        all.push(Difference { of: name.to_owned(), what: format!("would fire: {}", words(incident)) });
    }
    Ok(all)
}
