//! Where the running code stands (which invocation, which unit of work, which step), and what it has told so far: plain data, which the
//! sinks write when the response is out.
//!
//! The scope is put in place around every poll of a step's future and taken away after it, so that steps of concurrent records, which
//! take turns on one thread, never see each other's.

mod context;
mod ids;
mod journal;
mod step;
mod unit;

use std::{
    cell::RefCell,
    future::{Future, poll_fn},
    pin::pin,
    sync::Arc,
};

pub(crate) use context::step_of;
pub(crate) use ids::random_span_id;
pub(crate) use journal::{Drain, Journal, Pending};
use opentelemetry::ContextGuard;
pub(crate) use step::{Data, Finished, ForeignSpan, Line, MAX_FIELDS, Open, Scope, Span};
pub(crate) use unit::Unit;

thread_local! {
    static CURRENT: RefCell<Option<Arc<Scope>>> = const { RefCell::new(None) };
}

pub(crate) fn current() -> Option<Arc<Scope>> {
    CURRENT.with_borrow(Clone::clone)
}

/// The innermost scope, without touching its count.
pub(crate) fn with_current<R>(read: impl FnOnce(&Arc<Scope>) -> R) -> Option<R> {
    CURRENT.with_borrow(|scope| scope.as_ref().map(read))
}

/// Puts the scope back that was there before, also when a poll panics.
pub(crate) struct Entered {
    before: Option<Arc<Scope>>,
    /// Detached when this goes.
    _context: Option<ContextGuard>,
}

pub(crate) fn enter(scope: &Arc<Scope>) -> Entered {
    let context = scope.journal.takes_spans.then(|| context::attach(scope));
    Entered { before: CURRENT.replace(Some(Arc::clone(scope))), _context: context }
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.before.take());
    }
}

/// Runs a future with the scope in place during each of its polls.
pub(crate) async fn within<F: Future>(scope: &Arc<Scope>, future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|context| {
        let _entered = enter(scope);
        future.as_mut().poll(context)
    })
    .await
}
