//! Which step's document stands inside which: finished steps of one writing, by their parents' ids.

use std::collections::HashMap;

use trace_context::SpanId;

use crate::scope::Finished;

/// Up to here a look at each is quicker than a table.
const FEW: usize = 24;

/// Steps by position: those whose documents stand alone, and the children of each.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) tops: Vec<usize>,
    first_child: Vec<Option<usize>>,
    next: Vec<Option<usize>>,
}

impl Tree {
    /// Of steps in the order in which they ended, all of them recorded.
    pub(super) fn new(steps: &[&Finished]) -> Self {
        let ids: Vec<Option<SpanId>> = steps.iter().map(|step| step.scope.span.map(|span| span.id)).collect();
        let table: Option<HashMap<SpanId, usize>> =
            (steps.len() > FEW).then(|| ids.iter().enumerate().filter_map(|(at, id)| id.map(|id| (id, at))).collect());
        let position = |id: SpanId| match &table {
            Some(table) => table.get(&id).copied(),
            None => ids.iter().position(|known| *known == Some(id)),
        };
        let mut tree = Self { tops: Vec::new(), first_child: vec![None; steps.len()], next: vec![None; steps.len()] };
        // Backwards, because each goes to the front of its parent's.
        for (at, step) in steps.iter().enumerate().rev() {
            // A segment stands alone, as does the rest of what went out in progress: the same document again is what completes it.
            let alone = step.scope.is_segment() || step.scope.was_sent();
            let parent = step.scope.span.filter(|_| !alone).and_then(|span| position(span.parent?));
            match parent {
                Some(parent) => tree.next[at] = tree.first_child[parent].replace(at),
                None => tree.tops.push(at),
            }
        }
        tree.tops.reverse();
        tree
    }

    /// How many steps there are in a document, itself included.
    pub(super) fn count(&self, of: usize) -> u64 {
        1 + self.children(of).map(|child| self.count(child)).sum::<u64>()
    }

    pub(super) fn children(&self, of: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(self.first_child[of], |at| self.next[*at])
    }
}
