//! Steps as X-Ray segment documents or as OpenTelemetry's protocol has them, to the daemon's UDP port.
//!
//! A unit's steps go out inside the document of its outermost one, in one datagram while they fit into it.

mod annotations;
mod daemon;
mod document;
mod foreign;
mod otlp;
mod span;
mod tree;

use std::sync::{Mutex, PoisonError};

pub use annotations::ANNOTATIONS_PER_TRACE;
pub(crate) use annotations::{INVOCATION_ANNOTATIONS, RECORD_ANNOTATIONS};
pub(crate) use daemon::Transport;
pub use daemon::{DaemonAddress, MAX_DOCUMENT_BYTES};
pub(crate) use foreign::layer as foreign_spans;

use self::{
    annotations::Granted,
    daemon::HEADER,
    document::{Documents, Place, Untranslatable},
    otlp::Otlp,
    tree::{Node, Tree},
};
use crate::{
    config::{Config, TraceFormat},
    loss::{Losses, Reason},
    scope::{Journal, Pending, Scope},
};

/// Steps inside steps up to here; deeper ones get documents of their own.
const MAX_DEPTH: usize = 64;

/// Sends spans.
#[derive(Debug)]
pub(crate) struct Tracer {
    format: Format,
    transport: Transport,
    buffer: Mutex<String>,
}

#[derive(Debug)]
enum Format {
    XRay(Box<Documents>),
    Otlp(Box<Otlp>),
}

/// What one writing of documents needs.
struct Writing<'w> {
    documents: &'w Documents,
    nodes: &'w [Node<'w>],
    granted: Vec<Granted>,
    tree: Tree,
    losses: Losses,
}

impl Tracer {
    pub(crate) fn new(config: &Config, transport: Transport) -> Self {
        let format = match config.trace_format {
            TraceFormat::XRay => Format::XRay(Box::new(Documents::new(config))),
            TraceFormat::Otlp => Format::Otlp(Box::new(Otlp::new(config))),
        };
        Self { format, transport, buffer: Mutex::default() }
    }

    /// Sends what is recorded of these; what was lost of them.
    pub(crate) fn send(&self, journal: &Journal, pending: &Pending) -> Losses {
        let nodes = Node::all(pending);
        if nodes.is_empty() {
            return Losses::default();
        }
        let granted = annotations::grant(&nodes);
        match &self.format {
            Format::XRay(documents) => self.send_documents(documents, journal, &nodes, granted),
            Format::Otlp(otlp) => self.send_requests(otlp, journal, &nodes, &granted),
        }
    }

    fn send_documents(
        &self,
        documents: &Documents,
        journal: &Journal,
        nodes: &[Node<'_>],
        granted: Vec<Granted>,
    ) -> Losses {
        let tree = Tree::new(nodes);
        let mut tops = tree.tops.clone();
        let mut writing = Writing { documents, nodes, granted, tree, losses: Losses::default() };
        let mut buffer = self.buffer.lock().unwrap_or_else(PoisonError::into_inner);
        // What does not fit into its parent's document comes after it, as one of its own.
        tops.reverse();
        while let Some(top) = tops.pop() {
            let own = nodes[top].is_root() && !nodes[top].scope().is_segment();
            // The invocation's own document is worth more than any cap.
            if !own && !journal.may_send() {
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

    fn send_requests(&self, otlp: &Otlp, journal: &Journal, nodes: &[Node<'_>], granted: &[Granted]) -> Losses {
        let mut losses = Losses::default();
        let requests = otlp.requests(nodes, granted, &mut losses);
        let mut buffer = self.buffer.lock().unwrap_or_else(PoisonError::into_inner);
        for (request, spans) in requests {
            if !journal.may_send() {
                losses.add(Reason::TooMany, spans);
                continue;
            }
            buffer.clear();
            buffer.push_str(HEADER);
            buffer.push_str(&request);
            losses.add(Reason::Socket, self.transport.send(&buffer));
        }
        losses
    }

    /// Sends an open step as in progress, where the format has a word for it.
    pub(crate) fn send_open(&self, scope: &Scope) -> Losses {
        let mut losses = Losses::default();
        if let (Format::XRay(documents), Some(span)) = (&self.format, scope.span) {
            scope.mark_sent();
            let mut buffer = self.buffer.lock().unwrap_or_else(PoisonError::into_inner);
            buffer.clear();
            buffer.push_str(HEADER);
            match documents.in_progress(scope, span, &mut buffer) {
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
        let children: Vec<usize> = self.tree.children(at).collect();
        let opened = match self.nodes[at] {
            Node::Step(finished) => {
                let mut cuts = 0;
                let opened = finished.scope.span.map_or(Err(Untranslatable), |span| {
                    self.documents.open(finished, span, self.granted[at], place, out, &mut cuts)
                });
                self.losses.add(Reason::Cut, cuts);
                opened
            }
            Node::Foreign(span) => self.documents.open_foreign(span, place, out, &mut self.losses),
        };
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
