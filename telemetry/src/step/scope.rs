//! Where the running code stands: which invocation, which unit of work, which step.
//!
//! The scope is put in place around every poll of a step's future and taken away after it, so that steps of concurrent records, which
//! take turns on one thread, never see each other's.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Instant, SystemTime};

use opentelemetry::trace::{SpanContext, SpanId};

use crate::error::Failure;
use crate::field::{CorrelationId, Id, Value};
use crate::lambda::invocation::Invocation;
use crate::propagate::TraceHeader;
use crate::step::AwsCall;
use crate::trace::SpanHandle;

thread_local! {
    static CURRENT: RefCell<Option<Arc<Scope>>> = const { RefCell::new(None) };
}

/// How many fields one step takes; more are counted as dropped.
pub(crate) const MAX_FIELDS: usize = 24;

/// One unit of work in one trace: the invocation itself, or one record of its batch.
#[derive(Debug)]
pub(crate) struct Unit {
    /// The trace this unit's steps belong to; none outside X-Ray.
    pub(crate) header: Option<TraceHeader>,
    pub(crate) correlation: OnceLock<CorrelationId>,
    /// Annotations left of its trace's fifty, shared by the units of one trace.
    pub(crate) annotations: Arc<AtomicUsize>,
    /// Its kept log lines are wanted.
    pub(crate) failed: AtomicBool,
}

impl Unit {
    pub(crate) fn new(header: Option<TraceHeader>, annotations: Arc<AtomicUsize>) -> Self {
        Self { header, correlation: OnceLock::new(), annotations, failed: false.into() }
    }

    pub(crate) fn mark_failed(&self) {
        self.failed.store(true, Ordering::Relaxed);
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    /// Takes one of the annotations the unit's trace may still get.
    pub(crate) fn take_annotation(&self) -> bool {
        self.annotations.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }
}

/// An open step.
#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) invocation: Arc<Invocation>,
    pub(crate) unit: Arc<Unit>,
    pub(crate) name: &'static str,
    pub(crate) root: bool,
    /// Present while the trace is recorded.
    pub(crate) span: Option<SpanHandle>,
    pub(crate) started: Instant,
    pub(crate) started_at: SystemTime,
    pub(crate) data: Mutex<Data>,
}

/// What a step learns while it runs.
#[derive(Debug, Default)]
pub(crate) struct Data {
    pub(crate) aws: Option<AwsCall>,
    pub(crate) fields: Vec<(&'static str, Value)>,
    pub(crate) outcome: Option<&'static str>,
    pub(crate) aws_request_id: Option<Id>,
    pub(crate) retries: Option<u64>,
    pub(crate) http_status: Option<u16>,
    pub(crate) links: Vec<SpanContext>,
    pub(crate) links_seen: u64,
    pub(crate) dropped_fields: u64,
    pub(crate) failure: Option<Failure>,
}

impl Scope {
    pub(crate) fn data(&self) -> std::sync::MutexGuard<'_, Data> {
        // Nothing panics while it is held; a poisoned lock still holds whole values.
        self.data.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The id log lines and children go by: the own span's, else the incoming parent's.
    pub(crate) fn span_id(&self) -> Option<SpanId> {
        match &self.span {
            Some(span) => Some(span.span_id()),
            None => self.unit.header.as_ref().and_then(TraceHeader::parent),
        }
    }

    /// What a message sent from here carries.
    pub(crate) fn header(&self) -> Option<TraceHeader> {
        let header = self.unit.header.as_ref()?;
        Some(match &self.span {
            Some(span) => header.with_parent(span.span_id()),
            None => header.clone(),
        })
    }

    pub(crate) fn put(&self, key: &'static str, value: Value) {
        let mut data = self.data();
        if let Some(field) = data.fields.iter_mut().find(|(known, _)| *known == key) {
            field.1 = value;
        } else if data.fields.len() < MAX_FIELDS {
            data.fields.push((key, value));
        } else {
            data.dropped_fields += 1;
        }
    }
}

pub(crate) fn current() -> Option<Arc<Scope>> {
    CURRENT.with_borrow(Clone::clone)
}

/// The innermost scope, without touching its count.
pub(crate) fn with_current<R>(read: impl FnOnce(&Arc<Scope>) -> R) -> Option<R> {
    CURRENT.with_borrow(|scope| scope.as_ref().map(read))
}

/// Puts the scope back that was there before, also when a poll panics.
pub(crate) struct Entered(Option<Arc<Scope>>);

pub(crate) fn enter(scope: &Arc<Scope>) -> Entered {
    Entered(CURRENT.replace(Some(Arc::clone(scope))))
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

/// Runs a future with the scope in place during each of its polls.
pub(crate) async fn within<F: Future>(scope: &Arc<Scope>, future: F) -> F::Output {
    let mut future = pin!(future);
    // The invocation's own future has put the dispatch in place.
    poll_fn(|context| {
        let _entered = enter(scope);
        future.as_mut().poll(context)
    })
    .await
}
