//! Many samples as one.

use crate::sample::Sample;

use super::Stream;

/// Joins samples; the values are sorted once, however many samples there are.
pub(super) fn join<'a>(samples: impl Iterator<Item = &'a Sample>, values: bool) -> Option<Sample> {
    let mut samples = samples.peekable();
    let first = samples.next()?;
    if samples.peek().is_none() {
        return Some(first.clone());
    }
    let mut pairs = if values { first.distribution().map(std::borrow::Cow::into_owned) } else { None };
    let (mut count, mut sum, mut min, mut max) = (first.count(), first.sum(), first.min(), first.max());
    for sample in samples {
        count += sample.count();
        sum += sample.sum();
        min = min.min(sample.min());
        max = max.max(sample.max());
        pairs = match (pairs, sample.distribution()) {
            (Some(mut pairs), Some(more)) => {
                pairs.extend_from_slice(&more);
                Some(pairs)
            }
            _ => None,
        };
    }
    match pairs {
        Some(pairs) => Sample::values(&pairs).ok(),
        None => Sample::statistics(count, sum, min, max).ok(),
    }
}

/// Joins the seconds before `until` to minutes.
pub(super) fn coarsen(stream: &mut Stream, until: i64, values: usize) {
    let until = until.div_euclid(60) * 60;
    let seconds: Vec<i64> = stream.range(..until).map(|(at, _)| *at).filter(|at| at.rem_euclid(60) != 0).collect();
    for at in seconds {
        let Some(sample) = stream.remove(&at) else { continue };
        match stream.entry(at.div_euclid(60) * 60) {
            std::collections::btree_map::Entry::Vacant(entry) => drop(entry.insert(sample)),
            std::collections::btree_map::Entry::Occupied(mut entry) => {
                let distinct = |sample: &Sample| sample.distribution().map_or(0, |values| values.len());
                let fits = distinct(entry.get()) + distinct(&sample) <= values;
                entry.get_mut().merge(&sample, fits);
            }
        }
    }
}
