//! Everything a scenario brings about, in the order of time.

use std::collections::BTreeSet;

use alarms::{
    Evaluator,
    catalogue::Alarm,
    model::{EpochSeconds, MetricKey, State},
};
use cloudwatch::{MetricId, Sample};

use super::{Scenario, Series, Watched, find, find::instance_key};
use crate::sources::{Group, given_key};

/// A datapoint on its way: when it can be seen, of what, when it was measured.
pub(super) struct Arrival<'a> {
    pub(super) seen: EpochSeconds,
    pub(super) id: MetricId,
    pub(super) unit: Option<String>,
    pub(super) at: EpochSeconds,
    pub(super) sample: &'a Sample,
}

/// The metric that a series stands for.
pub(super) fn key_of(series: &Series, group: &Group) -> Result<MetricKey, String> {
    let (alarm, id) = match &series.of {
        Watched::Metric(key) => return Ok(key.clone()),
        Watched::By { alarm, id } => (alarm, id),
    };
    let Some(Alarm::Metric(found)) = find(group, alarm) else {
        return Err(format!("there is no metric alarm `{alarm}`"));
    };
    let mut metrics = found.metrics().filter(|(query, ..)| id.as_ref().is_none_or(|id| query.id == *id));
    match (metrics.next(), metrics.next()) {
        (Some((_, metric, _)), None) => Ok(metric.clone()),
        (Some(_), Some(_)) => {
            let ids: Vec<&str> = found.metrics().map(|(query, ..)| query.id.as_str()).collect();
            Err(format!("`{alarm}` watches several metrics: say which with `id:` ({})", ids.join(", ")))
        }
        (None, _) => Err(format!("`{alarm}` has no metric `{}`", id.as_deref().unwrap_or_default())),
    }
}

/// The unit that alarms ask for in a metric; an error if they ask for several.
pub(super) fn unit_of(key: &MetricKey, group: &Group) -> Result<Option<String>, String> {
    let sources = group.catalogue.metric_alarms.iter().flat_map(|alarm| &alarm.spec.queries);
    let units: BTreeSet<&str> = sources
        .filter_map(|query| match &query.source {
            alarms::model::Source::Metric { metric, unit: Some(unit), .. } if metric == key => Some(unit.as_str()),
            _ => None,
        })
        .collect();
    let mut all = units.iter();
    match (all.next(), all.next()) {
        (unit, None) => Ok(unit.map(|unit| (*unit).to_owned())),
        _ => Err(format!(
            "alarms ask for several units of it ({}): say which with `unit:`",
            units.into_iter().collect::<Vec<_>>().join(", ")
        )),
    }
}

/// The series of a scenario as arrivals; what no alarm watches is told.
pub(super) fn arrivals<'a>(
    scenario: &'a Scenario,
    group: &Group,
    evaluator: &Evaluator,
    mut unwatched: impl FnMut(String, Vec<String>),
) -> Vec<Arrival<'a>> {
    let mut arrivals = Vec::new();
    let mut add = |series: &'a Series,
                   key: MetricKey,
                   unit: Option<String>,
                   told: &mut dyn FnMut(String, Vec<String>)| {
        let Some(id) = evaluator.metric(&key) else {
            let key = key.to_string();
            let mut why = vec![format!("it stands for {key}")];
            if key.contains("${") {
                why.push("give what is open in it a value: --set NAME=VALUE, or `values:` in .alarms.yaml".to_owned());
            }
            told(format!("no alarm watches `{}`", series.alias), why);
            return;
        };
        for (index, sample) in series.points.iter().enumerate() {
            let Some(sample) = sample else { continue };
            let at = scenario.start + i64::try_from(index).unwrap_or(i64::MAX / 2).saturating_mul(series.step);
            arrivals.push(Arrival { seen: at + scenario.delay, id, unit: unit.clone(), at, sample });
        }
    };
    for series in &scenario.series {
        let found = key_of(series, group).and_then(|key| match &series.unit {
            Some(unit) => Ok((key, Some(unit.clone()))),
            None => unit_of(&key, group).map(|unit| (key, unit)),
        });
        match found {
            Ok((key, unit)) => add(series, key, unit, &mut unwatched),
            Err(reason) => unwatched(format!("metric `{}`: {reason}", series.alias), Vec::new()),
        }
    }
    for (alarm, id, series) in &scenario.given {
        match find(group, alarm) {
            Some(alarm) => add(series, given_key(alarm.name(), id), None, &mut unwatched),
            None => unwatched(format!("given: there is no alarm `{alarm}`"), Vec::new()),
        }
    }
    arrivals.sort_by_key(|arrival| (arrival.seen, arrival.at));
    arrivals
}

/// The states that a scenario gives to alarms of others, by time.
pub(super) fn states(scenario: &Scenario) -> Vec<(EpochSeconds, &str, State)> {
    let mut all: Vec<_> = scenario
        .states
        .iter()
        .flat_map(|(alarm, moments)| {
            moments.iter().map(move |(at, state)| (scenario.start + at, alarm.as_str(), *state))
        })
        .collect();
    all.sort_by_key(|(at, ..)| *at);
    all
}

/// What a scenario may call an alarm.
pub(super) fn label(alarm: Alarm<'_>) -> &str {
    instance_key(alarm.key()).unwrap_or_else(|| alarm.label())
}
