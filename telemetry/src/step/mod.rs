//! The step: the one way to instrument.
//!
//! A step is timed, classified and written three times with the same ids: as an X-Ray subsegment, as a value of the metric
//! `StepDuration`, and as one log line. What it costs while the caller waits is the clock and a span; everything else is written at the
//! end of the invocation.

mod aws;
pub(crate) mod finished;
pub(crate) mod scope;

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use opentelemetry::trace::SpanKind;

pub use aws::AwsCall;
pub(crate) use aws::Resource;
pub(crate) use finished::Finished;
use scope::{Data, Scope, Unit};

use crate::error::{ErrorClass, Failure};
use crate::field::{CorrelationId, Id, Value};
use crate::lambda::invocation::Invocation;

/// A step that is about to run.
///
/// Outside an invocation it just runs its work and records nothing.
#[derive(Debug)]
#[must_use = "a step does nothing until it is run"]
pub struct Step {
    name: &'static str,
    aws: Option<AwsCall>,
    fields: Vec<(&'static str, Value)>,
}

impl Step {
    /// A step by this name: the subsegment's name, the dimension `Step` and the log field `step`.
    pub fn new(name: &'static str) -> Self {
        Self { name, aws: None, fields: Vec::new() }
    }

    /// Marks the step as a call of an AWS service.
    pub fn aws(mut self, call: AwsCall) -> Self {
        self.aws = Some(call);
        self
    }

    /// Adds a field, written to the log line and to the subsegment's metadata.
    pub fn field(mut self, key: &'static str, value: impl Into<Value>) -> Self {
        self.fields.push((key, value.into()));
        self
    }

    /// Runs the work as this step; an error is classified and passed on untouched.
    ///
    /// A future that is dropped before it is done ends its step as `cancelled`.
    ///
    /// # Errors
    /// Those of the work.
    pub async fn run<T, E: ErrorClass>(self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let Some(open) = self.open() else {
            return work.await;
        };
        let result = scope::within(&open.scope, work).await;
        open.close(result.as_ref().err().map(Failure::of));
        result
    }

    /// As [`Step::run`], for work that does not wait.
    ///
    /// # Errors
    /// Those of the work.
    pub fn run_sync<T, E: ErrorClass>(self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let Some(open) = self.open() else {
            return work();
        };
        let result = {
            let _entered = scope::enter(&open.scope);
            work()
        };
        open.close(result.as_ref().err().map(Failure::of));
        result
    }

    fn open(self) -> Option<Open> {
        let parent = scope::current()?;
        let kind = if self.aws.is_some() { SpanKind::Client } else { SpanKind::Internal };
        let telemetry = &parent.invocation.telemetry;
        let started = Instant::now();
        let span = parent.span.as_ref().map(|span| telemetry.trace.child(span, kind));
        Some(Open::new(Scope {
            invocation: Arc::clone(&parent.invocation),
            unit: Arc::clone(&parent.unit),
            name: self.name,
            root: false,
            span,
            started,
            started_at: parent.invocation.at(started),
            data: Mutex::new(Data { aws: self.aws, fields: self.fields, ..Data::default() }),
        }))
    }
}

/// Opens the first step of a unit.
pub(crate) fn open_root(invocation: Arc<Invocation>, unit: Unit, name: &'static str, kind: SpanKind) -> Open {
    let started = Instant::now();
    let started_at = invocation.at(started);
    let span = unit
        .header
        .as_ref()
        .filter(|header| header.records())
        .and_then(|header| invocation.telemetry.trace.root(header, kind));
    Open::new(Scope {
        invocation,
        unit: Arc::new(unit),
        name,
        root: true,
        span,
        started,
        started_at,
        data: Mutex::default(),
    })
}

/// A running step; dropped unfinished, it was cancelled.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) scope: Arc<Scope>,
    closed: bool,
}

impl Open {
    fn new(scope: Scope) -> Self {
        let scope = Arc::new(scope);
        scope.invocation.opened(&scope);
        Self { scope, closed: false }
    }

    pub(crate) fn close(mut self, failure: Option<Failure>) {
        self.finish(failure);
    }

    fn finish(&mut self, failure: Option<Failure>) {
        self.closed = true;
        let failure = failure.or_else(|| self.scope.data().failure);
        self.scope.invocation.finished(Finished::new(Arc::clone(&self.scope), self.scope.started.elapsed(), failure));
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if !self.closed {
            let failure = if self.scope.invocation.panicked() || std::thread::panicking() {
                Failure::fault("Panic", "the code panicked")
            } else {
                Failure::fault("Cancelled", "dropped before it was done")
            };
            self.finish(Some(failure));
        }
    }
}

/// Adds a field to the running step; the last value of a key counts.
pub fn field(key: &'static str, value: impl Into<Value>) {
    scope::with_current(|scope| scope.put(key, value.into()));
}

/// Names the outcome of the running step, should it succeed: `duplicate`, `skipped`. Default `ok`.
pub fn outcome(outcome: &'static str) {
    scope::with_current(|scope| scope.data().outcome = Some(outcome));
}

/// Says that the running step failed although its result is `Ok`: a handler that answers 400 has succeeded as Rust sees it.
///
/// A failure of the outermost step writes the invocation's kept debug lines.
pub fn failed(error: &impl ErrorClass) {
    let failure = Failure::of(error);
    scope::with_current(|scope| scope.data().failure = Some(failure));
}

/// What AWS answered to the running step's call.
#[derive(Debug, Clone, Copy, Default)]
pub struct AwsResponse {
    /// The id AWS support asks for.
    pub request_id: Option<Id>,
    /// Attempts after the first.
    pub retries: Option<u64>,
    /// The HTTP status.
    pub status: Option<u16>,
}

/// Adds to the running step what AWS answered.
pub fn aws_response(response: AwsResponse) {
    scope::with_current(|scope| {
        let mut data = scope.data();
        data.aws_request_id = response.request_id;
        data.retries = response.retries;
        data.http_status = response.status;
    });
}

/// Sets the correlation id of the running unit (the invocation, or the record being processed).
///
/// Steps and log lines from before carry it too, because they are written at the end. The first id counts.
pub fn correlate(id: CorrelationId) {
    scope::with_current(|scope| {
        scope.unit.correlation.get_or_init(|| id);
    });
}

/// The X-Ray trace id of the running step, to return to a caller.
#[must_use]
pub fn trace_id() -> Option<String> {
    scope::with_current(|scope| scope.unit.header.as_ref().map(|header| header.xray_trace_id())).flatten()
}
