//! First scenarios for alarms that have none: each fires, recovers and stays quiet, and passes as it is written.

mod composites;
mod values;
mod write;

use alarms::{
    catalogue::Alarm,
    evaluate::{DynamoDbReading, Options},
    model::{LowSamples, MetricAlarm, State},
};
use cloudwatch::Sample;
pub use write::yaml;

use super::{Expectation, Location, Scenario, Series, Watched, all};
use crate::sources::Group;

/// What could be written, and for which alarms nothing could.
#[derive(Clone, Debug, Default)]
pub struct Drafts {
    /// Scenarios, two for an alarm.
    pub scenarios: Vec<Scenario>,
    /// An alarm, and why it has none.
    pub left_out: Vec<(String, String)>,
}

/// Values of each metric of an alarm, by the index of its query: under them it breaches, and under others it does not.
#[derive(Clone, Debug)]
struct Sides {
    breaching: Vec<(usize, Point)>,
    fine: Vec<(usize, Point)>,
}

/// A datapoint, and its notation.
#[derive(Clone, Debug, PartialEq)]
struct Point {
    sample: Sample,
    text: String,
}

/// Writes scenarios for the alarms that `wanted` picks.
pub fn draft(group: &Group, options: &Options, wanted: impl Fn(Alarm<'_>) -> bool) -> Drafts {
    let mut drafts = Drafts::default();
    for alarm in group.catalogue.alarms().filter(|alarm| wanted(*alarm)) {
        let found = match alarm {
            Alarm::Metric(metric) => metric_alarm(group, metric, options),
            Alarm::Composite(composite) => composites::draft(group, composite, options),
        };
        match found {
            Ok(scenarios) => drafts.scenarios.extend(scenarios),
            Err(reason) => drafts.left_out.push((alarm.key().to_owned(), reason)),
        }
    }
    for open in group.open.iter().filter(|open| wanted(Alarm::Metric(&open.alarm))) {
        drafts.left_out.push((open.alarm.spec.key.clone(), open.reason()));
    }
    drafts
}

fn metric_alarm(group: &Group, alarm: &MetricAlarm, options: &Options) -> Result<Vec<Scenario>, String> {
    let spec = &alarm.spec;
    let sides = values::sides(alarm, options)?;
    // Long enough for every reading of how far back an evaluation looks.
    let n = i64::from(spec.evaluation_periods);
    let settle = n + 6;
    let moments = [settle, settle + n + 1, settle + n + 1 + n + 6].map(|periods| periods * spec.period);
    if moments[2] / 60 > 200_000 {
        return Err("its window is too long for a scenario that somebody reads".into());
    }
    let ids = sides.breaching.iter().map(|(index, _)| *index);
    let step = spec.period.min(3_600).max(60.min(spec.period));
    let per_period = spec.period / step;
    let series = |phases: &[(&Vec<(usize, Point)>, i64)]| -> Vec<Series> {
        let of = |index: usize| {
            let parts = phases.iter().map(|(values, periods)| {
                let point = values.iter().find(|(at, _)| *at == index).map(|(_, point)| point);
                (point, periods * per_period)
            });
            series_of(alarm, index, step, parts)
        };
        ids.clone().map(of).collect()
    };
    let key = &spec.key;
    let quiet = scenario(
        format!("{key} stays quiet"),
        series(&[(&sides.fine, settle + n)]),
        vec![(moments[0], key, State::Ok)],
    );
    let fires = scenario(
        format!("{key} fires and recovers"),
        series(&[(&sides.fine, settle), (&sides.breaching, n + 1), (&sides.fine, n + 6)]),
        vec![(moments[0], key, State::Ok), (moments[1], key, State::Alarm), (moments[2], key, State::Ok)],
    );
    keep(group, vec![fires, quiet], options)
}

/// Only what passes is worth writing; what depends on a reading is written all the same, as `alarms test` will say so.
fn keep(group: &Group, scenarios: Vec<Scenario>, options: &Options) -> Result<Vec<Scenario>, String> {
    for scenario in &scenarios {
        let outcomes = all(group, scenario, options, false);
        if let Some(failure) = outcomes.iter().flat_map(|outcome| &outcome.failures).next() {
            return Err(format!("no plain story of it comes out: {}", failure.message));
        }
    }
    Ok(scenarios)
}

fn scenario(name: String, series: Vec<Series>, expect: Vec<(i64, &String, State)>) -> Scenario {
    let expect = expect.into_iter();
    Scenario {
        name,
        place: Location::default(),
        start: 1_767_571_200,
        readings: vec![DynamoDbReading::default()],
        every_reading: false,
        depends_on: Vec::new(),
        delay: 0,
        series,
        given: Vec::new(),
        states: Vec::new(),
        expect: expect.map(|(at, key, state)| Expectation { at, states: vec![(key.clone(), state)] }).collect(),
        fired: None,
    }
}

fn series_of<'a>(
    alarm: &MetricAlarm,
    index: usize,
    step: i64,
    parts: impl Iterator<Item = (Option<&'a Point>, i64)>,
) -> Series {
    let query = &alarm.spec.queries[index];
    let mut points = Vec::new();
    let mut texts = Vec::new();
    for (point, times) in parts {
        points.extend((0..times).map(|_| point.map(|point| point.sample.clone())));
        let text = point.map_or("_", |point| point.text.as_str());
        texts.push(format!("{text}x{times}"));
    }
    Series {
        alias: query.id.clone(),
        of: Watched::By { alarm: alarm.spec.key.clone(), id: Some(query.id.clone()) },
        unit: None,
        step,
        text: texts.join(" "),
        points,
    }
}

fn needs_many_samples(alarm: &MetricAlarm) -> bool {
    alarm.spec.low_samples == LowSamples::Ignore
}
