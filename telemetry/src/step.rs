//! The step: the one way to instrument.
//!
//! A step is timed, classified and told three times with the same ids: as an X-Ray subsegment, as a value of the metric named after it,
//! and in its unit's log line. What it costs while the caller waits is the clock and an id; everything else is written at the
//! end of the invocation.

use std::future::Future;

pub use crate::call::{AwsCall, AwsResponse};
use crate::{
    error::{ErrorClass, Failure},
    field::{CorrelationId, Value},
    scope::{self, Open},
};

/// A step that is about to run.
///
/// Outside an invocation it just runs its work and records nothing.
#[derive(Debug)]
#[must_use = "a step does nothing until it is run"]
pub struct Step {
    name: &'static str,
    call: Option<AwsCall>,
    fields: Vec<(&'static str, Value)>,
}

impl Step {
    /// A step by this name: the subsegment's, the metric's (`parse` is `ParseDuration`) and the log's.
    pub fn new(name: &'static str) -> Self {
        Self { name, call: None, fields: Vec::new() }
    }

    /// Marks the step as a call of an AWS service.
    pub fn aws(mut self, call: AwsCall) -> Self {
        self.call = Some(call);
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
        scope::with_current(|parent| Open::step(parent, self.name, self.call, self.fields))
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

/// Adds to the running step what AWS answered.
pub fn aws_response(response: AwsResponse) {
    scope::with_current(|scope| scope.data().response = response);
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
    scope::with_current(|scope| scope.unit.trace_id.as_deref().map(str::to_owned)).flatten()
}
