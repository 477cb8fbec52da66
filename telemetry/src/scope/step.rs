use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use opentelemetry_sdk::trace::SpanData;
use trace_context::{SpanId, TraceHeader, TraceId};

use super::{Journal, Unit, context, random_span_id};
use crate::{
    call::{AwsCall, AwsResponse},
    error::{ErrorKind, Failure},
    field::Value,
    level::Level,
};

/// How many fields one step takes; more are counted as dropped.
pub(crate) const MAX_FIELDS: usize = 24;

/// A step, open or done.
#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) journal: Arc<Journal>,
    pub(crate) unit: Arc<Unit>,
    pub(crate) name: &'static str,
    /// Whether it is its unit's outermost.
    pub(crate) root: bool,
    /// Present while the trace is recorded.
    pub(crate) span: Option<Span>,
    pub(crate) started: Instant,
    /// A document of it has gone out as in progress, so that the complete one must stand alone to replace it.
    pub(crate) sent: AtomicBool,
    data: Mutex<Data>,
}

/// Where a step stands in its trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) id: SpanId,
    /// None for the first document of a trace.
    pub(crate) parent: Option<SpanId>,
}

/// What a step learns while it runs.
#[derive(Debug, Default)]
pub(crate) struct Data {
    pub(crate) call: Option<AwsCall>,
    pub(crate) response: AwsResponse,
    pub(crate) fields: Vec<(&'static str, Value)>,
    pub(crate) outcome: Option<&'static str>,
    pub(crate) links: Vec<(TraceId, SpanId)>,
    pub(crate) links_seen: u64,
    pub(crate) dropped_fields: u64,
    pub(crate) failure: Option<Failure>,
    /// Of a record: how long its message had waited.
    pub(crate) queue_wait: Option<Duration>,
}

impl Data {
    /// The last value of a key counts.
    fn put(&mut self, key: &'static str, value: Value) {
        if let Some(field) = self.fields.iter_mut().find(|(known, _)| *known == key) {
            field.1 = value;
        } else if self.fields.len() < MAX_FIELDS {
            self.fields.push((key, value));
        } else {
            self.dropped_fields += 1;
        }
    }
}

impl Scope {
    pub(crate) fn data(&self) -> MutexGuard<'_, Data> {
        // Nothing panics while it is held; a poisoned lock still holds whole values.
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn started_at(&self) -> SystemTime {
        self.journal.at(self.started)
    }

    /// Whether its document is a segment, not a subsegment.
    pub(crate) fn is_segment(&self) -> bool {
        self.root && self.unit.segment
    }

    /// What a message sent from here carries.
    pub(crate) fn header(&self) -> Option<TraceHeader> {
        let header = self.unit.header.as_ref()?;
        Some(match &self.span {
            Some(span) => header.with_parent(span.id),
            None => header.clone(),
        })
    }

    pub(crate) fn put(&self, key: &'static str, value: Value) {
        self.data().put(key, value);
    }

    /// From now on its complete document has to stand alone.
    pub(crate) fn mark_sent(&self) {
        self.sent.store(true, Ordering::Relaxed);
    }

    pub(crate) fn was_sent(&self) -> bool {
        self.sent.load(Ordering::Relaxed)
    }
}

/// A running step; dropped unfinished, it was cancelled.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) scope: Arc<Scope>,
    closed: bool,
}

impl Open {
    /// Opens a unit's outermost step.
    pub(crate) fn unit(journal: Arc<Journal>, unit: Unit, name: &'static str) -> Self {
        let parent = unit.header.as_ref().and_then(TraceHeader::parent);
        let span = unit.recorded.then(|| Span { id: random_span_id(), parent });
        Self::new(journal, Arc::new(unit), name, true, span, Data::default())
    }

    /// Opens a step inside another.
    pub(crate) fn step(
        parent: &Scope,
        name: &'static str,
        call: Option<AwsCall>,
        fields: Vec<(&'static str, Value)>,
    ) -> Self {
        let span = parent
            .span
            .map(|span| Span { id: random_span_id(), parent: Some(context::running_span(parent).unwrap_or(span.id)) });
        let mut data = Data { call, ..Data::default() };
        for (key, value) in fields {
            data.put(key, value);
        }
        Self::new(Arc::clone(&parent.journal), Arc::clone(&parent.unit), name, false, span, data)
    }

    fn new(
        journal: Arc<Journal>,
        unit: Arc<Unit>,
        name: &'static str,
        root: bool,
        span: Option<Span>,
        data: Data,
    ) -> Self {
        let scope = Arc::new(Scope {
            journal,
            unit,
            name,
            root,
            span,
            started: Instant::now(),
            sent: false.into(),
            data: Mutex::new(data),
        });
        scope.journal.opened(&scope);
        Self { scope, closed: false }
    }

    pub(crate) fn close(mut self, failure: Option<Failure>) {
        self.finish(failure);
    }

    fn finish(&mut self, failure: Option<Failure>) {
        self.closed = true;
        let failure = failure.or_else(|| self.scope.data().failure);
        let scope = Arc::clone(&self.scope);
        let duration = scope.started.elapsed();
        self.scope.journal.finished(Finished { scope, duration, failure });
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if !self.closed {
            let failure = if self.scope.journal.panicked() || std::thread::panicking() {
                Failure::fault("Panic", "the code panicked")
            } else {
                Failure::fault("Cancelled", "dropped before it was done")
            };
            self.finish(Some(failure));
        }
    }
}

/// A step that is done.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) scope: Arc<Scope>,
    pub(crate) duration: Duration,
    pub(crate) failure: Option<Failure>,
}

impl Finished {
    pub(crate) fn outcome(&self, data: &Data) -> &'static str {
        match &self.failure {
            Some(failure) => failure.kind.outcome(),
            None => data.outcome.unwrap_or("ok"),
        }
    }

    pub(crate) fn level(&self) -> Level {
        match self.failure.map(|failure| failure.kind) {
            None => Level::Info,
            Some(ErrorKind::Rejected | ErrorKind::Throttled) => Level::Warn,
            Some(ErrorKind::Fault) => Level::Error,
        }
    }

    pub(crate) fn ended(&self) -> Instant {
        self.scope.started + self.duration
    }
}

/// A span that a library, or the user's own code, made with `tracing` inside a step.
#[derive(Debug)]
pub(crate) struct ForeignSpan {
    pub(crate) step: Arc<Scope>,
    pub(crate) data: SpanData,
}

/// A log line of a step.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) at: Instant,
    pub(crate) level: Level,
    pub(crate) message: &'static str,
    pub(crate) scope: Arc<Scope>,
    pub(crate) fields: Vec<(&'static str, Value)>,
}

impl Line {
    pub(crate) fn new(
        level: Level,
        message: &'static str,
        scope: &Arc<Scope>,
        fields: &[(&'static str, Value)],
    ) -> Self {
        Self { at: Instant::now(), level, message, scope: Arc::clone(scope), fields: fields.to_vec() }
    }
}
