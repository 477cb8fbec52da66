//! What X-Ray indexes of a step, and what it gets of its trace's fifty annotations.

use super::tree::Node;
use crate::scope::{Data, Finished};

/// Annotations X-Ray indexes per trace.
pub const ANNOTATIONS_PER_TRACE: usize = 50;
/// How many of them the invocation's own trace gets from one invocation.
pub(crate) const INVOCATION_ANNOTATIONS: usize = 20;
/// How many a record's trace gets from one delivery: five deliveries and the producer's twenty make fifty.
pub(crate) const RECORD_ANNOTATIONS: usize = 6;

/// What one step has been granted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Granted {
    /// How many of its own, in the order of need.
    pub(super) own: usize,
    /// Whether its correlation id is one more.
    pub(super) correlation: bool,
    /// Whether its client's trace is.
    pub(super) client: bool,
}

/// Everything a step asks for: all of it when there is nobody else.
#[cfg(test)]
pub(super) const ALL: Granted = Granted { own: usize::MAX, correlation: true, client: true };

/// What the step itself is found by, in the order of need.
pub(super) fn wanted<'d>(
    finished: &Finished,
    data: &'d Data,
) -> impl Iterator<Item = (&'static str, &'static str)> + use<'d> {
    let class = finished.failure.map(|failure| ("errorClass", failure.class));
    // The outermost document is found by its name.
    let step = (!finished.scope.root).then_some(("step", finished.scope.name));
    class.into_iter().chain([("outcome", finished.outcome(data))]).chain(step)
}

/// Shares the annotations out: first to the outermost documents, then to failures, then to every step for itself, last for the
/// correlation id on steps.
pub(super) fn grant(nodes: &[Node<'_>]) -> Vec<Granted> {
    let mut granted = vec![Granted::default(); nodes.len()];
    let priority = |finished: &Finished| match (finished.failure.is_some(), finished.scope.root) {
        (_, true) => 0,
        (true, false) => 1,
        (false, false) => 2,
    };
    // Nobody finds an order by what a library did for it.
    let steps = nodes.iter().enumerate().filter_map(|(at, node)| match node {
        Node::Step(finished) => Some((at, *finished)),
        Node::Foreign(_) => None,
    });
    let mut order: Vec<(usize, &Finished)> = steps.collect();
    order.sort_by_key(|(_, finished)| priority(finished));
    for (at, finished) in &order {
        let granted = &mut granted[*at];
        let unit = &finished.scope.unit;
        granted.correlation = finished.scope.root && unit.correlation.get().is_some() && unit.take_annotation();
        granted.client = finished.scope.root && unit.client.get().is_some() && unit.take_annotation();
        let count = wanted(finished, &finished.scope.data()).count();
        granted.own = (0..count).take_while(|_| unit.take_annotation()).count();
    }
    for (at, finished) in &order {
        let (unit, granted) = (&finished.scope.unit, &mut granted[*at]);
        granted.correlation = granted.correlation || unit.correlation.get().is_some() && unit.take_annotation();
    }
    granted
}
