//! What a composite alarm needs between two moments.

use std::collections::HashMap;

use crate::{
    catalogue::NotEvaluated,
    composite::{Suppression, alarm_name, order},
    model::CompositeAlarm,
};

/// A composite alarm whose references are known.
#[derive(Debug)]
pub(super) struct CompositeRuntime {
    /// `AlarmName`.
    pub(super) name: String,
    /// Index into the catalogue's composites.
    pub(super) alarm: usize,
    /// References in the rule and where their states are; none of an alarm that is not among ours.
    pub(super) children: HashMap<String, Option<usize>>,
    /// The count of changes when it was last evaluated.
    pub(super) seen: Option<u64>,
    /// The suppressor's place, and its clockwork.
    pub(super) suppressor: Option<(Option<usize>, Suppression)>,
}

/// The composites' runtimes in the order of their evaluation; those in a circle, which have none; and what refers to nothing, which
/// is evaluated where its rule is decided all the same. `places` gives an alarm's place by its name.
pub(super) fn runtimes(
    composites: &[CompositeAlarm],
    places: &HashMap<&str, usize>,
) -> (Vec<CompositeRuntime>, Vec<NotEvaluated>, Vec<NotEvaluated>) {
    let order = order(composites);
    let circles = order.circles.into_iter();
    let circles = circles.map(|(index, reason)| NotEvaluated { alarm: composites[index].name.clone(), reason });
    let mut dangling = Vec::new();
    let mut runtimes = Vec::with_capacity(order.ready.len());
    for index in order.ready {
        let composite = &composites[index];
        let mut place = |reference: &str| {
            let place = places.get(alarm_name(reference)).copied();
            if place.is_none() {
                let reason = format!("it refers to `{reference}`, which is not among the alarms");
                dangling.push(NotEvaluated { alarm: composite.name.clone(), reason });
            }
            place
        };
        let references = composite.rule.alarms().into_iter();
        let children = references.map(|reference| (reference.to_owned(), place(reference))).collect();
        let suppressor = composite.suppressor.as_ref().map(|suppressor| {
            let clock = Suppression::new(suppressor.wait_s, suppressor.extension_s);
            (place(&suppressor.alarm), clock)
        });
        runtimes.push(CompositeRuntime {
            name: composite.name.clone(),
            alarm: index,
            children,
            seen: None,
            suppressor,
        });
    }
    (runtimes, circles.collect(), dangling)
}
