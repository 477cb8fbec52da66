use std::{
    fmt,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use super::{deadline::Deadline, drain, invocation};
use crate::{
    error::Failure,
    process::{Process, place_of_panic},
    scope::{self, Open, Scope},
};

/// An invocation under way. Its last poll writes everything.
pub struct InvocationFuture<F> {
    /// Gone once it is done, so that what it holds is closed before anything is written.
    future: Option<Pin<Box<F>>>,
    process: Arc<Process>,
    scope: Arc<Scope>,
    root: Option<Open>,
    deadline: Deadline,
    /// Whether this future's result is the handler's own.
    handler: bool,
}

impl<F> fmt::Debug for InvocationFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvocationFuture").finish_non_exhaustive()
    }
}

impl<F> InvocationFuture<F> {
    pub(super) fn owning(process: &Arc<Process>, root: Open, deadline_ms: u64, future: F, handler: bool) -> Self {
        Self {
            future: Some(Box::pin(future)),
            process: Arc::clone(process),
            scope: Arc::clone(&root.scope),
            deadline: Deadline::new(deadline_ms, process.config.deadline_margin),
            root: Some(root),
            handler,
        }
    }

    pub(super) fn observing(process: &Arc<Process>, scope: Arc<Scope>, future: F) -> Self {
        Self {
            future: Some(Box::pin(future)),
            process: Arc::clone(process),
            scope,
            deadline: Deadline::new(0, std::time::Duration::ZERO),
            root: None,
            handler: true,
        }
    }

    fn end(&mut self, failure: Option<Failure>) {
        self.future = None;
        let journal = &self.scope.journal;
        if let Some(failure) = failure {
            journal.failed(failure);
        }
        if let Some(root) = self.root.take() {
            root.close(invocation::failure(&self.process, journal));
            drain::flush(&self.process, journal);
        }
    }
}

impl<F, T, E> Future for InvocationFuture<F>
where
    F: Future<Output = Result<T, E>>,
{
    type Output = Result<T, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let Some(future) = &mut this.future else {
            return Poll::Pending;
        };
        let scope = Arc::clone(&this.scope);
        let polled = catch_unwind(AssertUnwindSafe(|| {
            let _entered = scope::enter(&scope);
            this.process.in_dispatch(|| future.as_mut().poll(context))
        }));
        match polled {
            Ok(Poll::Pending) => {
                if this.deadline.poll_once(context) {
                    drain::near_deadline(&this.process, &scope.journal);
                }
                Poll::Pending
            }
            Ok(Poll::Ready(result)) => {
                let failure = match (&result, this.handler) {
                    (Err(_), true) => Some(Failure::fault("HandlerError", "the handler returned an error")),
                    (Err(_), false) => Some(Failure::fault("RuntimeError", "the response did not reach Lambda")),
                    (Ok(_), _) => None,
                };
                this.end(failure);
                Poll::Ready(result)
            }
            Err(panic) => {
                scope.journal.mark_panicked();
                this.end(Some(Failure::fault("Panic", "the handler panicked")));
                // The runtime sends the panic's text to Lambda, and it may quote the order: the place has to do.
                drop(panic);
                resume_unwind(Box::new(place_of_panic()))
            }
        }
    }
}

impl<F> Drop for InvocationFuture<F> {
    fn drop(&mut self) {
        if self.root.is_some() {
            self.end(Some(Failure::fault("Cancelled", "the invocation was dropped before it was done")));
        }
    }
}
