//! First scenarios for composites: their children are brought to the states that decide the rule.

use std::collections::HashMap;

use alarms::{
    catalogue::Alarm,
    composite::alarm_name,
    evaluate::Options,
    model::{CompositeAlarm, MetricAlarm, State},
};

use super::{Point, keep, scenario, series_of, values};
use crate::{
    scenario::{Scenario, find},
    sources::Group,
};

/// More children are more cases than anybody reads.
const MOST_CHILDREN: usize = 10;

pub(super) fn draft(group: &Group, composite: &CompositeAlarm, options: &Options) -> Result<Vec<Scenario>, String> {
    let children: Vec<&str> = composite.rule.alarms();
    if children.len() > MOST_CHILDREN {
        return Err(format!("its rule names more than {MOST_CHILDREN} alarms: write its scenario by hand"));
    }
    // The fewest children in ALARM that make the rule true; with none of them it must be false.
    let holds = |bits: u32| {
        composite.rule.holds(&|name| {
            let at = children.iter().position(|child| *child == name);
            if at.is_some_and(|at| bits >> at & 1 == 1) { State::Alarm } else { State::Ok }
        })
    };
    if holds(0) {
        return Err("it is in ALARM while nothing is wrong: write its scenario by hand".into());
    }
    let mut choices: Vec<u32> = (1..1_u32 << children.len()).collect();
    choices.sort_by_key(|bits| bits.count_ones());
    let firing = choices.into_iter().find(|bits| holds(*bits)).ok_or("its rule never holds")?;
    let mut metrics: Vec<&MetricAlarm> = Vec::new();
    for (at, child) in children.iter().enumerate() {
        match find(group, alarm_name(child)) {
            Some(Alarm::Metric(metric)) if firing >> at & 1 == 1 => metrics.push(metric),
            Some(_) if firing >> at & 1 == 0 => {}
            Some(_) => return Err(format!("it fires through the composite {child}: write its scenario by hand")),
            None => return Err(format!("`{child}` is not among the alarms: give it `states:`")),
        }
    }
    let longest = metrics.iter().map(|alarm| alarm.spec.period * i64::from(alarm.spec.evaluation_periods)).max();
    let period = metrics.iter().map(|alarm| alarm.spec.period).max().unwrap_or(60);
    let n = longest.unwrap_or(60) / period;
    let (settle, alarm, recover) = (n + 6, n + 2, n + 7);
    let step = 60.min(period);
    let wait = composite.suppressor.as_ref().map_or(0, |suppressor| suppressor.wait_s);
    let mut points: HashMap<String, Vec<(Option<Point>, i64)>> = HashMap::new();
    let mut fires = Vec::new();
    let mut quiet = Vec::new();
    for metric in &metrics {
        let sides = values::sides(metric, options)?;
        for (index, breaching) in &sides.breaching {
            let fine = sides.fine.iter().find(|(at, _)| at == index).map(|(_, point)| point);
            let times = |periods: i64| periods * period / step;
            let key = format!("{:?}", metric.spec.queries[*index].source);
            let parts = vec![
                (fine.cloned(), times(settle)),
                (Some(breaching.clone()), times(alarm)),
                (fine.cloned(), times(recover)),
            ];
            // Two children that watch one metric must agree on it.
            if points.get(&key).is_some_and(|known| *known != parts) {
                return Err("its children need different values of one metric: write its scenario by hand".into());
            }
            if points.insert(key, parts.clone()).is_none() {
                let story = parts.iter().map(|(point, times)| (point.as_ref(), *times));
                let mut one = series_of(metric, *index, step, story);
                one.alias = format!(
                    "{}_{}",
                    metrics.iter().position(|other| other.spec.key == metric.spec.key).unwrap_or(0),
                    one.alias
                );
                fires.push(one);
                let mut one = series_of(metric, *index, step, [(fine, times(settle + alarm))].into_iter());
                one.alias = format!(
                    "{}_{}",
                    metrics.iter().position(|other| other.spec.key == metric.spec.key).unwrap_or(0),
                    one.alias
                );
                quiet.push(one);
            }
        }
    }
    let key = &composite.key;
    let moments = [settle, settle + alarm, settle + alarm + recover].map(|periods| periods * period + wait);
    let fires = scenario(
        format!("{key} fires and recovers"),
        fires,
        vec![(moments[0] - wait, key, State::Ok), (moments[1], key, State::Alarm), (moments[2], key, State::Ok)],
    );
    let quiet = scenario(format!("{key} stays quiet"), quiet, vec![(moments[0], key, State::Ok)]);
    keep(group, vec![fires, quiet], options)
}
