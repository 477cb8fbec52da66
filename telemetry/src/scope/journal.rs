use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak, atomic::AtomicUsize},
    time::{Instant, SystemTime},
};

use metrique::writer::BoxEntry;
use trace_context::{SpanId, TraceHeader, TraceId};

use super::{Finished, ForeignSpan, Line, Scope, Unit};
use crate::{
    config::Config,
    error::{ErrorKind, Failure},
};

/// What is waiting is written early when there is this much of it, so that memory stays bounded.
const MAX_PENDING: usize = 1024;
/// Traces an invocation's document may link to.
const MAX_LINKS: usize = 20;

/// Writes what a journal holds.
pub(crate) trait Drain: fmt::Debug + Send + Sync {
    /// The bounds and the level that hold for the journal.
    fn config(&self) -> &Config;

    /// Writes early what is pending: there is too much of it.
    fn drain(&self, journal: &Journal);

    /// Something was told after everything had been written.
    fn late(&self);
}

/// What the steps of one invocation leave to be written.
pub(crate) struct Journal {
    pub(crate) request_id: Option<Arc<str>>,
    /// Whether it is its execution environment's first.
    pub(crate) cold: bool,
    /// Whether spans made with `tracing` stand beside steps: then a step is OpenTelemetry's current span, too.
    pub(super) takes_spans: bool,
    /// One reading of both clocks; steps read only the monotonic one.
    opened: (Instant, SystemTime),
    drain: Arc<dyn Drain>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    pending: Pending,
    kept: VecDeque<Line>,
    kept_lost: u64,
    open: Vec<Weak<Scope>>,
    root: Option<Weak<Scope>>,
    annotations: Vec<(TraceId, Arc<AtomicUsize>)>,
    documents: usize,
    failure: Option<Failure>,
    panicked: bool,
    handled: bool,
    closed: bool,
}

/// What is ready to be written.
#[derive(Default)]
pub(crate) struct Pending {
    pub(crate) finished: Vec<Finished>,
    pub(crate) spans: Vec<ForeignSpan>,
    pub(crate) lines: Vec<Line>,
    pub(crate) records: Vec<(Arc<Unit>, BoxEntry)>,
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal").field("request_id", &self.request_id).finish_non_exhaustive()
    }
}

impl Journal {
    pub(crate) fn new(request_id: &str, cold: bool, drain: Arc<dyn Drain>) -> Self {
        Self {
            request_id: Some(request_id).filter(|id| !id.is_empty()).map(Arc::from),
            cold,
            takes_spans: !drain.config().trusted_targets.is_empty(),
            opened: (Instant::now(), SystemTime::now()),
            drain,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time of day of a moment of this invocation.
    pub(crate) fn at(&self, moment: Instant) -> SystemTime {
        self.opened.1 + moment.saturating_duration_since(self.opened.0)
    }

    /// The bounds and the level that hold for this.
    pub(crate) fn config(&self) -> &Config {
        self.drain.config()
    }

    /// What a trace may still get of its annotations; the first unit of a trace sets the share.
    pub(crate) fn annotations(&self, header: Option<&TraceHeader>, share: usize) -> Arc<AtomicUsize> {
        let Some(header) = header.filter(|header| header.sampled() == Some(true)) else {
            return Arc::default();
        };
        let mut state = self.state();
        if let Some((_, left)) = state.annotations.iter().find(|(trace, _)| *trace == header.trace_id()) {
            return Arc::clone(left);
        }
        let left = Arc::new(AtomicUsize::new(share));
        state.annotations.push((header.trace_id(), Arc::clone(&left)));
        left
    }

    pub(super) fn opened(&self, scope: &Arc<Scope>) {
        let mut state = self.state();
        if state.root.is_none() {
            state.root = Some(Arc::downgrade(scope));
        }
        state.open.push(Arc::downgrade(scope));
    }

    pub(super) fn finished(&self, finished: Finished) {
        let scope = &finished.scope;
        if finished.failure.is_some_and(|failure| scope.root || failure.kind == ErrorKind::Fault) {
            scope.unit.mark_failed();
        }
        let mut state = self.state();
        let scope = Arc::as_ptr(scope);
        if let Some(at) = state.open.iter().rposition(|open| open.as_ptr() == scope) {
            state.open.remove(at);
        }
        if state.closed {
            drop(state);
            return self.drain.late();
        }
        state.pending.finished.push(finished);
        let full = state.pending.finished.len() >= MAX_PENDING;
        drop(state);
        if full {
            self.drain.drain(self);
        }
    }

    /// A span inside a step is done.
    pub(crate) fn span(&self, span: ForeignSpan) {
        let mut state = self.state();
        if state.closed {
            drop(state);
            return self.drain.late();
        }
        state.pending.spans.push(span);
        let full = state.pending.spans.len() >= MAX_PENDING;
        drop(state);
        if full {
            self.drain.drain(self);
        }
    }

    pub(crate) fn log(&self, line: Line) {
        let config = self.drain.config();
        let mut state = self.state();
        if state.closed {
            drop(state);
            self.drain.late();
        } else if line.level >= config.log_level {
            state.pending.lines.push(line);
            let full = state.pending.lines.len() >= MAX_PENDING;
            drop(state);
            if full {
                self.drain.drain(self);
            }
        } else if config.max_debug_lines > 0 {
            if state.kept.len() >= config.max_debug_lines {
                state.kept.pop_front();
                state.kept_lost += 1;
            }
            state.kept.push_back(line);
        }
    }

    pub(crate) fn emit(&self, unit: &Arc<Unit>, record: BoxEntry) {
        let mut state = self.state();
        if state.closed {
            drop(state);
            return self.drain.late();
        }
        state.pending.records.push((Arc::clone(unit), record));
    }

    /// The invocation's own outermost step.
    pub(crate) fn root(&self) -> Option<Arc<Scope>> {
        self.state().root.as_ref().and_then(Weak::upgrade)
    }

    /// Names a producer's trace in the invocation's own document.
    pub(crate) fn link(&self, trace: TraceId, parent: SpanId) {
        if let Some(root) = self.root().filter(|root| root.span.is_some()) {
            let mut data = root.data();
            if !data.links.iter().any(|(known, _)| *known == trace) {
                data.links_seen += 1;
                if data.links.len() < MAX_LINKS {
                    data.links.push((trace, parent));
                }
            }
        }
    }

    /// Steps that are not done, in the order in which they began.
    pub(crate) fn open_steps(&self) -> Vec<Arc<Scope>> {
        self.state().open.iter().filter_map(Weak::upgrade).collect()
    }

    pub(crate) fn take(&self) -> Pending {
        std::mem::take(&mut self.state().pending)
    }

    /// Nothing more is taken. What is left are kept lines that nobody wants; they hold on to this journal.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        let kept = std::mem::take(&mut state.kept);
        drop(state);
        drop(kept);
    }

    /// The kept lines whose unit has failed, or all of them if the invocation has; and how many older ones are gone.
    pub(crate) fn take_kept(&self) -> (Vec<Line>, u64) {
        let all = self.root().is_some_and(|root| root.unit.has_failed());
        let mut state = self.state();
        let mut wanted = Vec::new();
        if all || state.kept.iter().any(|line| line.scope.unit.has_failed()) {
            for line in std::mem::take(&mut state.kept) {
                if all || line.scope.unit.has_failed() {
                    wanted.push(line);
                } else {
                    state.kept.push_back(line);
                }
            }
        }
        let lost = if wanted.is_empty() { 0 } else { std::mem::take(&mut state.kept_lost) };
        (wanted, lost)
    }

    /// Whether one document more may be sent.
    pub(crate) fn may_send(&self) -> bool {
        let max = self.drain.config().max_documents;
        let mut state = self.state();
        state.documents += 1;
        state.documents <= max
    }

    pub(crate) fn handled(&self) {
        self.state().handled = true;
    }

    pub(crate) fn was_handled(&self) -> bool {
        self.state().handled
    }

    pub(crate) fn failed(&self, failure: Failure) {
        self.state().failure.get_or_insert(failure);
    }

    pub(crate) fn failure(&self) -> Option<Failure> {
        self.state().failure
    }

    pub(crate) fn mark_panicked(&self) {
        self.state().panicked = true;
    }

    pub(crate) fn panicked(&self) -> bool {
        self.state().panicked
    }
}
