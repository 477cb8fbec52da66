//! Which span stands inside which: those of one writing, by their parents' ids.

use std::collections::HashMap;

use trace_context::SpanId;

use crate::scope::{Finished, ForeignSpan, Pending, Scope};

/// Up to here a look at each is quicker than a table.
const FEW: usize = 24;

/// What has a document: a step, or a span made with `tracing` inside one.
#[derive(Debug, Clone, Copy)]
pub(super) enum Node<'n> {
    Step(&'n Finished),
    Foreign(&'n ForeignSpan),
}

impl<'n> Node<'n> {
    /// Those that are recorded, each kind in the order in which they ended.
    pub(super) fn all(pending: &'n Pending) -> Vec<Self> {
        let steps = pending.finished.iter().filter(|finished| finished.scope.span.is_some()).map(Self::Step);
        steps.chain(pending.spans.iter().map(Self::Foreign)).collect()
    }

    /// The step that it is, or is in.
    pub(super) fn scope(self) -> &'n Scope {
        match self {
            Self::Step(finished) => &finished.scope,
            Self::Foreign(span) => &span.step,
        }
    }

    /// Whether it is its unit's outermost step.
    pub(super) fn is_root(self) -> bool {
        matches!(self, Self::Step(finished) if finished.scope.root)
    }

    fn id(self) -> Option<SpanId> {
        match self {
            Self::Step(finished) => finished.scope.span.map(|span| span.id),
            Self::Foreign(span) => id(span.data.span_context.span_id()),
        }
    }

    /// The parent in whose document it may stand.
    fn parent(self) -> Option<SpanId> {
        match self {
            // A segment stands alone, as does the rest of what went out in progress: the same document again is what completes it.
            Self::Step(finished) if finished.scope.is_segment() || finished.scope.was_sent() => None,
            Self::Step(finished) => finished.scope.span.and_then(|span| span.parent),
            Self::Foreign(span) => id(span.data.parent_span_id),
        }
    }
}

fn id(id: opentelemetry::trace::SpanId) -> Option<SpanId> {
    SpanId::new(u64::from_be_bytes(id.to_bytes()))
}

/// Nodes by position: those whose documents stand alone, and the children of each.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) tops: Vec<usize>,
    first_child: Vec<Option<usize>>,
    next: Vec<Option<usize>>,
}

impl Tree {
    pub(super) fn new(nodes: &[Node<'_>]) -> Self {
        let ids: Vec<Option<SpanId>> = nodes.iter().map(|node| node.id()).collect();
        let table: Option<HashMap<SpanId, usize>> =
            (nodes.len() > FEW).then(|| ids.iter().enumerate().filter_map(|(at, id)| id.map(|id| (id, at))).collect());
        let position = |id: SpanId| match &table {
            Some(table) => table.get(&id).copied(),
            None => ids.iter().position(|known| *known == Some(id)),
        };
        let mut tree = Self { tops: Vec::new(), first_child: vec![None; nodes.len()], next: vec![None; nodes.len()] };
        // Backwards, because each goes to the front of its parent's.
        for (at, node) in nodes.iter().enumerate().rev() {
            match node.parent().and_then(position) {
                Some(parent) => tree.next[at] = tree.first_child[parent].replace(at),
                None => tree.tops.push(at),
            }
        }
        tree.tops.reverse();
        tree
    }

    /// How many there are in a document, itself included.
    pub(super) fn count(&self, of: usize) -> u64 {
        1 + self.children(of).map(|child| self.count(child)).sum::<u64>()
    }

    pub(super) fn children(&self, of: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(self.first_child[of], |at| self.next[*at])
    }
}
