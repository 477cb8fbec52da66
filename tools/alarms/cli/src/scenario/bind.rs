//! What placeholders stand for that nobody has given a value: where only one value of the alarms' metrics fits, that one.

use std::collections::{BTreeMap, BTreeSet};

use alarms::model::MetricKey;

use super::{Scenario, Watched};
use crate::sources::Group;

/// Fills placeholders in the scenarios' metrics from the metrics that alarms watch.
///
/// A placeholder's candidates are the values that stand in its place in every metric it is used in. Of those that stand in one
/// dimension no two are the same value.
pub fn bind(scenarios: &mut [Scenario], group: &Group) {
    let watched: BTreeSet<&MetricKey> =
        group.catalogue.metric_alarms.iter().flat_map(|alarm| alarm.metrics()).map(|(_, metric, _)| metric).collect();
    let mut used: BTreeSet<MetricKey> = BTreeSet::new();
    for series in scenarios.iter().flat_map(|scenario| &scenario.series) {
        used.extend(series.metric().filter(|key| !watched.contains(*key) && has_placeholder(key)).cloned());
    }
    if used.is_empty() {
        return;
    }
    let values = solve(&used, &watched);
    let fill = |text: &mut String| {
        if let Some(value) = placeholder(text).and_then(|name| values.get(name)) {
            *text = value.clone();
        }
    };
    for series in scenarios.iter_mut().flat_map(|scenario| &mut scenario.series) {
        if let Watched::Metric(key) = &mut series.of
            && used.contains(&*key)
        {
            fill(&mut key.namespace);
            key.dimensions.values_mut().for_each(fill);
        }
    }
}

/// `${name}`, and nothing beside it.
fn placeholder(text: &str) -> Option<&str> {
    text.strip_prefix("${")?.strip_suffix('}').filter(|name| !name.contains('}'))
}

fn has_placeholder(key: &MetricKey) -> bool {
    placeholder(&key.namespace).is_some() || key.dimensions.values().any(|value| placeholder(value).is_some())
}

/// The pairs of placeholder and value that make one metric of the other; `None` if nothing does.
fn fit<'a>(wanted: &'a MetricKey, watched: &'a MetricKey) -> Option<Vec<(&'a str, &'a str, &'a str)>> {
    let same_dimensions = wanted.dimensions.len() == watched.dimensions.len();
    if wanted.name != watched.name || !same_dimensions {
        return None;
    }
    let mut pairs = Vec::new();
    let mut side = |place: &'a str, text: &'a str, value: &'a str| match placeholder(text) {
        Some(name) => {
            pairs.push((place, name, value));
            true
        }
        None => text == value,
    };
    let fits = side("", &wanted.namespace, &watched.namespace)
        && wanted
            .dimensions
            .iter()
            .all(|(name, text)| watched.dimensions.get(name).is_some_and(|value| side(name, text, value)));
    fits.then_some(pairs)
}

fn solve(used: &BTreeSet<MetricKey>, watched: &BTreeSet<&MetricKey>) -> BTreeMap<String, String> {
    // By placeholder: the dimension it stands in, and its candidates.
    let mut candidates: BTreeMap<&str, (&str, BTreeSet<&str>)> = BTreeMap::new();
    for wanted in used {
        let mut here: BTreeMap<&str, (&str, BTreeSet<&str>)> = BTreeMap::new();
        for (place, name, value) in watched.iter().filter_map(|watched| fit(wanted, watched)).flatten() {
            here.entry(name).or_insert((place, BTreeSet::new())).1.insert(value);
        }
        for (name, (place, values)) in here {
            let known = candidates.entry(name).or_insert_with(|| (place, values.clone()));
            known.1.retain(|value| values.contains(value));
        }
    }
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    loop {
        let decided = candidates.iter().find_map(|(name, (place, values))| match values.iter().next() {
            Some(value) if values.len() == 1 => Some((*name, *place, *value)),
            _ => None,
        });
        let Some((name, place, value)) = decided else { return found };
        candidates.remove(name);
        found.insert(name.to_owned(), value.to_owned());
        for (other_place, values) in candidates.values_mut() {
            if *other_place == place && !place.is_empty() {
                values.remove(value);
            }
        }
    }
}
