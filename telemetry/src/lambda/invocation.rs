//! One invocation: what its steps have left to be written, and the writing.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant, SystemTime};

use lambda_runtime::Context;
use metrique::writer::BoxEntry;
use opentelemetry::trace::{SpanContext, SpanKind, TraceId};

use crate::error::{ErrorKind, Failure};
use crate::field::Value;
use crate::log::Level;
use crate::log::line::{Line, Object};
use crate::metrics::dropped::{Losses, Reason};
use crate::metrics::{InvocationMetrics, Millis, Properties, StepMetrics, entry};
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
struct State {
    finished: Vec<Finished>,
    lines: Vec<Line>,
    kept: VecDeque<Line>,
    kept_lost: u64,
    records: Vec<BoxEntry>,
    durations: Vec<(&'static str, Millis)>,
    open: Vec<Weak<Scope>>,
    annotations: Vec<(TraceId, Arc<AtomicUsize>)>,
    documents: usize,
    failure: Option<Failure>,
    panicked: bool,
    handled: bool,
    cold: bool,
    root: Option<Weak<Scope>>,
}

impl fmt::Debug for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invocation")
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

impl Invocation {
    /// Opens the telemetry of the invocation Lambda describes in `context`; the environment is not asked.
    pub(crate) fn open(telemetry: &Arc<Inner>, context: &Context) -> Open {
        let invocation = Arc::new(Self {
            telemetry: Arc::clone(telemetry),
            request_id: Some(context.request_id.as_str())
                .filter(|id| !id.is_empty())
                .map(Arc::from),
            deadline_ms: context.deadline,
            opened: (Instant::now(), SystemTime::now()),
            state: Mutex::new(State {
                cold: telemetry.cold.swap(false, Ordering::Relaxed),
                ..State::default()
            }),
        });
        let header = context
            .xray_trace_id
            .as_deref()
            .and_then(TraceHeader::parse);
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

    fn state(&self) -> MutexGuard<'_, State> {
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
    pub(crate) fn annotations(
        &self,
        header: Option<&TraceHeader>,
        share: usize,
    ) -> Arc<AtomicUsize> {
        let Some(header) = header.filter(|header| header.records()) else {
            return Arc::default();
        };
        let mut state = self.state();
        if let Some((_, left)) = state
            .annotations
            .iter()
            .find(|(trace, _)| *trace == header.trace_id())
        {
            return Arc::clone(left);
        }
        let left = Arc::new(AtomicUsize::new(share));
        state
            .annotations
            .push((header.trace_id(), Arc::clone(&left)));
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
            let known = data
                .links
                .iter()
                .any(|link| link.trace_id() == producer.trace_id());
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
            unread.then_some(Failure::fault(
                "EventUnreadable",
                "the event could not be read as the handler's type",
            ))
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
        let open: Vec<_> = self.state().open.iter().filter_map(Weak::upgrade).collect();
        for scope in open {
            if let Some(span) = &scope.span {
                self.telemetry
                    .processor
                    .send_open(&scope, span, &self.telemetry.config.service);
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

    /// Writes everything.
    pub(crate) fn flush(&self) {
        self.write(true);
    }

    fn write(&self, last: bool) {
        let mut state = std::mem::take(&mut *self.state());
        self.end_spans(&mut state);
        let mut out = String::with_capacity(4096);
        self.render_lines(&mut state, last, &mut out);
        let mut out = out.into_bytes();
        for finished in &state.finished {
            state_durations(&mut state.durations, finished);
        }
        state.finished.clear();
        state.lines.clear();
        if last {
            self.write_metrics(&mut state, &mut out);
            state.kept.clear();
            state.records.clear();
        }
        self.telemetry.write(&out);
        // Steps may have gone on meanwhile; what they left is behind what was there.
        let mut now = self.state();
        let meanwhile = std::mem::replace(&mut *now, state);
        now.absorb(meanwhile);
    }

    /// Ends the spans, those that need their annotations most first.
    fn end_spans(&self, state: &mut State) {
        let config = &self.telemetry.config;
        let mut order: Vec<&mut Finished> = state
            .finished
            .iter_mut()
            .filter(|finished| finished.scope.span.is_some())
            .collect();
        order.sort_by_key(|finished| finished.priority());
        order.iter_mut().for_each(|finished| finished.reserve());
        order
            .iter_mut()
            .for_each(|finished| finished.reserve_correlation());
        for finished in order {
            self.telemetry.dropped.add(
                Reason::Fields,
                std::mem::take(&mut finished.scope.data().dropped_fields),
            );
            if state.documents >= config.max_documents {
                self.telemetry.dropped.add(Reason::TooMany, 1);
                continue;
            }
            state.documents += 1;
            finished.end_span(config.correlation_key, &config.service);
        }
    }

    fn render_lines(&self, state: &mut State, last: bool, out: &mut String) {
        let config = &self.telemetry.config;
        let mut lines: Vec<(SystemTime, Rendered<'_>)> =
            Vec::with_capacity(state.finished.len() + state.lines.len());
        for finished in &state.finished {
            if finished.level() >= config.log_level {
                lines.push((finished.at(), Rendered::Step(finished)));
            }
        }
        lines.extend(
            state
                .lines
                .iter()
                .map(|line| (line.at, Rendered::Line(line))),
        );
        // A failed unit's kept lines are written; a failed invocation's are everybody's.
        let all = state
            .root
            .as_ref()
            .and_then(Weak::upgrade)
            .is_some_and(|root| root.unit.has_failed());
        if last || all {
            let mut kept_lines = 0;
            for line in &state.kept {
                if all || line.scope.unit.has_failed() {
                    lines.push((line.at, Rendered::Line(line)));
                    kept_lines += 1;
                }
            }
            if kept_lines > 0 && state.kept_lost > 0 {
                let mut object = Object::open(
                    out,
                    SystemTime::now(),
                    Level::Warn,
                    "older debug lines were not kept",
                    config,
                );
                object.count("count", std::mem::take(&mut state.kept_lost));
                object.close();
            }
        }
        lines.sort_by_key(|(at, _)| *at);
        for (_, line) in &lines {
            match line {
                Rendered::Step(finished) => finished.render(config, out),
                Rendered::Line(line) => line.render(config, out),
            }
        }
        if all {
            state.kept.clear();
        }
    }

    fn write_metrics(&self, state: &mut State, out: &mut Vec<u8>) {
        let telemetry = &self.telemetry;
        let mut properties = Properties::default();
        if let Some(id) = &self.request_id {
            properties.texts.push(("requestId", id.to_string()));
        }
        let unit = state
            .root
            .as_ref()
            .and_then(Weak::upgrade)
            .map(|root| Arc::clone(&root.unit));
        if let Some(unit) = &unit {
            if let Some(header) = &unit.header {
                properties.texts.push(("traceId", header.xray_trace_id()));
            }
            if let Some(id) = unit.correlation.get() {
                properties
                    .texts
                    .push((telemetry.config.correlation_key, id.as_str().to_owned()));
            }
        }
        let mut emf = telemetry.emf.lock().unwrap_or_else(PoisonError::into_inner);
        let mut write = |record: &BoxEntry, out: &mut Vec<u8>| {
            if let Err(error) = emf.write(record, &properties, out) {
                telemetry.dropped.add(Reason::Metrics, 1);
                telemetry.complain(&error, out);
            }
        };
        for record in &state.records {
            write(record, out);
        }
        for (step, step_duration) in state.durations.drain(..) {
            write(
                &entry(StepMetrics {
                    step,
                    step_duration,
                }),
                out,
            );
        }
        telemetry.processor.settle();
        let losses = telemetry.dropped.take();
        if losses.total() > 0 {
            self.report(&losses, out);
        }
        let own = entry(InvocationMetrics {
            cold_start: std::mem::take(&mut state.cold).then_some(1),
            telemetry_dropped: losses.total(),
        });
        write(&own, out);
    }

    fn report(&self, losses: &Losses, out: &mut Vec<u8>) {
        let mut line = String::new();
        let mut object = Object::open(
            &mut line,
            SystemTime::now(),
            Level::Warn,
            "telemetry was lost",
            &self.telemetry.config,
        );
        if let Some(id) = self.request_id.as_deref() {
            object.text("requestId", id);
        }
        for (name, count) in Losses::NAMES
            .iter()
            .zip(losses.0)
            .filter(|(_, count)| *count > 0)
        {
            object.count(name, count);
        }
        object.close();
        out.extend_from_slice(line.as_bytes());
    }
}

enum Rendered<'s> {
    Step(&'s Finished),
    Line(&'s Line),
}

impl State {
    fn absorb(&mut self, later: Self) {
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

fn state_durations(durations: &mut Vec<(&'static str, Millis)>, finished: &Finished) {
    let duration: Duration = finished.duration;
    match durations
        .iter_mut()
        .find(|(name, _)| *name == finished.scope.name)
    {
        Some((_, values)) => values.push(duration),
        None => durations.push((finished.scope.name, Millis::from_iter([duration]))),
    }
}
