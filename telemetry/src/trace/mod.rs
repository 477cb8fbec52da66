//! Steps as X-Ray segment documents, to the daemon's UDP port.
//!
//! A unit's steps go out inside the document of its outermost one, in one datagram while they fit into it.

mod annotations;
mod daemon;
mod document;
mod span;
mod tree;

use std::sync::{Mutex, PoisonError};

use crate::config::Config;
use crate::loss::{Losses, Reason};
use crate::scope::{Finished, Journal, Scope};
pub use annotations::ANNOTATIONS_PER_TRACE;
use annotations::Granted;
pub(crate) use annotations::{INVOCATION_ANNOTATIONS, RECORD_ANNOTATIONS};
use daemon::HEADER;
pub(crate) use daemon::Transport;
pub use daemon::{DaemonAddress, MAX_DOCUMENT_BYTES};
use document::{Documents, Place, Untranslatable};
use tree::Tree;

/// Steps inside steps up to here; deeper ones get documents of their own.
const MAX_DEPTH: usize = 64;

/// Sends documents.
#[derive(Debug)]
pub(crate) struct Tracer {
    documents: Documents,
    transport: Transport,
    buffer: Mutex<String>,
}

/// What one writing of an invocation needs.
struct Writing<'w> {
    tracer: &'w Tracer,
    steps: &'w [&'w Finished],
    granted: Vec<Granted>,
    tree: Tree,
    losses: Losses,
}

impl Tracer {
    pub(crate) fn new(config: &Config, transport: Transport) -> Self {
        Self { documents: Documents::new(config), transport, buffer: Mutex::default() }
    }

    /// Sends the documents of these steps; what was lost of them.
    pub(crate) fn send(&self, journal: &Journal, finished: &[Finished]) -> Losses {
        let steps: Vec<&Finished> = finished.iter().filter(|finished| finished.scope.span.is_some()).collect();
        if steps.is_empty() {
            return Losses::default();
        }
        let tree = Tree::new(&steps);
        let mut tops = tree.tops.clone();
        let granted = annotations::grant(&steps);
        let mut writing = Writing { tracer: self, steps: &steps, granted, tree, losses: Losses::default() };
        let mut buffer = self.buffer.lock().unwrap_or_else(PoisonError::into_inner);
        // What does not fit into its parent's document comes after it, as one of its own.
        tops.reverse();
        while let Some(top) = tops.pop() {
            let scope = &steps[top].scope;
            // The invocation's own document is worth more than any cap.
            if (!scope.root || scope.is_segment()) && !journal.may_send() {
                writing.losses.add(Reason::TooMany, writing.tree.count(top));
                continue;
            }
            buffer.clear();
            buffer.push_str(HEADER);
            let mut outside = Vec::new();
            let written = writing.write(top, Place::Alone, 0, &mut buffer, &mut outside);
            tops.extend(outside.into_iter().rev());
            if written {
                writing.losses.add(Reason::Socket, self.transport.send(&buffer));
            }
        }
        writing.losses
    }

    /// Sends an open step as in progress.
    pub(crate) fn send_open(&self, scope: &Scope) -> Losses {
        let mut losses = Losses::default();
        if let Some(span) = scope.span {
            scope.mark_sent();
            let mut buffer = self.buffer.lock().unwrap_or_else(PoisonError::into_inner);
            buffer.clear();
            buffer.push_str(HEADER);
            match self.documents.in_progress(scope, span, &mut buffer) {
                Ok(()) => losses.add(Reason::Socket, self.transport.send(&buffer)),
                Err(Untranslatable) => losses.add(Reason::Untranslatable, 1),
            }
        }
        losses
    }

    /// Losses that showed only after the last document was sent.
    pub(crate) fn late_losses(&self) -> u64 {
        self.transport.late_losses()
    }
}

impl Writing<'_> {
    /// Writes a step with as much inside as fits; what does not is put `outside`. A step that can't be written leaves its parts outside.
    fn write(&mut self, at: usize, place: Place, depth: usize, out: &mut String, outside: &mut Vec<usize>) -> bool {
        let finished = self.steps[at];
        let children: Vec<usize> = self.tree.children(at).collect();
        let mut cuts = 0;
        let opened = finished.scope.span.map_or(Err(Untranslatable), |span| {
            self.tracer.documents.open(finished, span, self.granted[at], place, out, &mut cuts)
        });
        self.losses.add(Reason::Cut, cuts);
        if opened.is_err() {
            self.losses.add(Reason::Untranslatable, 1);
            outside.extend(children);
            return false;
        }
        let mut inside = 0;
        for child in children {
            let before = (out.len(), outside.len());
            out.push_str(if inside == 0 { ",\"subsegments\":[" } else { "," });
            let written = depth < MAX_DEPTH && self.write(child, Place::Nested, depth + 1, out, outside);
            // Each level above still has a bracket and a brace to close.
            if written && out.len() + 2 * (depth + 2) <= HEADER.len() + MAX_DOCUMENT_BYTES {
                inside += 1;
                continue;
            }
            out.truncate(before.0);
            if written || depth >= MAX_DEPTH {
                outside.truncate(before.1);
                outside.push(child);
            }
        }
        if inside > 0 {
            out.push(']');
        }
        out.push('}');
        true
    }
}
