//! One invocation: what its steps have left to be written, and the writing.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Instant, SystemTime};

use lambda_runtime::Context;
use metrique::writer::BoxEntry;
use opentelemetry::trace::{SpanContext, SpanKind, TraceId};

use crate::error::{ErrorKind, Failure};
use crate::field::Value;
use crate::log::Level;
use crate::log::line::Line;
use crate::metrics::Millis;
use crate::propagate::TraceHeader;
use crate::runtime::Inner;
use crate::step::scope::{Scope, Unit};
use crate::step::{Finished, Open, open_root};
use crate::trace::{INVOCATION_ANNOTATIONS, MAX_LINKS};

/// What is waiting is written early when there is this much of it, so that memory stays bounded.
const MAX_PENDING: usize = 1024;

pub(crate) struct Invocation {
    pub(crate) telemetry: Arc<Inner>,
    pub(crate) request_id: Option<Arc<str>>,
    pub(crate) deadline_ms: u64,
    /// One reading of both clocks; steps read only the monotonic one.
    opened: (Instant, SystemTime),
    state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) finished: Vec<Finished>,
    pub(super) lines: Vec<Line>,
    pub(super) kept: VecDeque<Line>,
    pub(super) kept_lost: u64,
    pub(super) records: Vec<BoxEntry>,
    pub(super) durations: Vec<(&'static str, Millis)>,
    pub(super) open: Vec<Weak<Scope>>,
    pub(super) annotations: Vec<(TraceId, Arc<AtomicUsize>)>,
    pub(super) documents: usize,
    pub(super) failure: Option<Failure>,
    pub(super) panicked: bool,
    pub(super) handled: bool,
    pub(super) cold: bool,
    pub(super) root: Option<Weak<Scope>>,
}

impl fmt::Debug for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invocation").field("request_id", &self.request_id).finish_non_exhaustive()
    }
}

impl Invocation {
    /// Opens the telemetry of the invocation Lambda describes in `context`; the environment is not asked.
    pub(crate) fn open(telemetry: &Arc<Inner>, context: &Context) -> Open {
        let invocation = Arc::new(Self {
            telemetry: Arc::clone(telemetry),
            request_id: Some(context.request_id.as_str()).filter(|id| !id.is_empty()).map(Arc::from),
            deadline_ms: context.deadline,
            opened: (Instant::now(), SystemTime::now()),
            state: Mutex::new(State { cold: telemetry.cold.swap(false, Ordering::Relaxed), ..State::default() }),
        });
        let header = context.xray_trace_id.as_deref().and_then(TraceHeader::parse);
        let budget = invocation.annotations(header.as_ref(), INVOCATION_ANNOTATIONS);
        let unit = Unit::new(header, budget);
        let root = open_root(Arc::clone(&invocation), unit, "handler", SpanKind::Internal);
        let mut state = invocation.state();
        state.root = Some(Arc::downgrade(&root.scope));
        if state.cold {
            root.scope.put("coldStart", Value::Bool(true));
        }
        drop(state);
        root
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time of day of a moment of this invocation.
    pub(crate) fn at(&self, moment: Instant) -> SystemTime {
        self.opened.1 + moment.saturating_duration_since(self.opened.0)
    }

    pub(crate) fn request_id(&self) -> Option<Arc<str>> {
        self.request_id.clone()
    }

    /// What a trace may still get of its annotations; the first unit of a trace sets the share.
    pub(crate) fn annotations(&self, header: Option<&TraceHeader>, share: usize) -> Arc<AtomicUsize> {
        let Some(header) = header.filter(|header| header.records()) else {
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

    pub(crate) fn opened(&self, scope: &Arc<Scope>) {
        if scope.span.is_some() {
            self.state().open.push(Arc::downgrade(scope));
        }
    }

    pub(crate) fn finished(&self, finished: Finished) {
        if let Some(failure) = &finished.failure
            && (finished.scope.root || failure.kind == ErrorKind::Fault)
        {
            finished.scope.unit.mark_failed();
        }
        let mut state = self.state();
        if finished.scope.span.is_some() {
            let scope = Arc::as_ptr(&finished.scope);
            if let Some(at) = state.open.iter().rposition(|open| open.as_ptr() == scope) {
                state.open.swap_remove(at);
            }
        }
        state.finished.push(finished);
        let full = state.finished.len() >= MAX_PENDING;
        drop(state);
        if full {
            self.write(false);
        }
    }

    pub(crate) fn log(&self, line: Line) {
        let config = &self.telemetry.config;
        let mut state = self.state();
        if line.level >= config.log_level {
            state.lines.push(line);
            let full = state.lines.len() >= MAX_PENDING;
            drop(state);
            if full {
                self.write(false);
            }
        } else {
            if state.kept.len() >= config.max_debug_lines {
                state.kept.pop_front();
                state.kept_lost += 1;
            }
            if config.max_debug_lines > 0 {
                state.kept.push_back(line);
            }
        }
    }

    pub(crate) fn emit(&self, record: BoxEntry) {
        self.state().records.push(record);
    }

    /// Names a producer's trace in the invocation's own document.
    pub(crate) fn link(&self, producer: SpanContext) {
        let root = self.state().root.as_ref().and_then(Weak::upgrade);
        if let Some(root) = root.filter(|root| root.span.is_some()) {
            let mut data = root.data();
            let known = data.links.iter().any(|link| link.trace_id() == producer.trace_id());
            if !known {
                data.links_seen += 1;
                if data.links.len() < MAX_LINKS {
                    data.links.push(producer);
                }
            }
        }
    }

    pub(crate) fn handled(&self) {
        self.state().handled = true;
    }

    pub(crate) fn failed(&self, failure: Failure) {
        self.state().failure.get_or_insert(failure);
    }

    pub(crate) fn failure(&self) -> Option<Failure> {
        let state = self.state();
        let unread = !state.handled && self.telemetry.observes_handlers.load(Ordering::Relaxed);
        state.failure.or_else(|| {
            unread.then_some(Failure::fault("EventUnreadable", "the event could not be read as the handler's type"))
        })
    }

    pub(crate) fn mark_panicked(&self) {
        self.state().panicked = true;
    }

    pub(crate) fn panicked(&self) -> bool {
        self.state().panicked
    }

    /// Lambda is about to kill the process: sends open steps as in progress, and writes all there is.
    pub(crate) fn near_deadline(&self) {
        let state = self.state();
        let mut open: Vec<_> = state.open.iter().filter_map(Weak::upgrade).collect();
        if open.is_empty() {
            // Untraced, steps are not kept track of; the line and the kept ones are wanted all the same.
            open.extend(state.root.as_ref().and_then(Weak::upgrade));
        }
        drop(state);
        for scope in open {
            if let Some(span) = &scope.span {
                self.telemetry.processor.send_open(&scope, span, &self.telemetry.config.service);
            }
            scope.unit.mark_failed();
            self.log(Line::new(
                Level::Warn,
                "still running near the deadline",
                &scope,
                &[("durationMs", Value::Duration(scope.started.elapsed()))],
            ));
        }
        self.write(false);
    }
}

impl State {
    pub(super) fn absorb(&mut self, later: Self) {
        self.finished.extend(later.finished);
        self.lines.extend(later.lines);
        self.kept.extend(later.kept);
        self.records.extend(later.records);
        self.open.extend(later.open);
        self.annotations.extend(later.annotations);
        self.failure = self.failure.or(later.failure);
        self.panicked |= later.panicked;
        self.handled |= later.handled;
    }
}
