//! One tower layer around a Lambda handler.
//!
//! Around a [`Runtime`](lambda_runtime::Runtime) it sees the response out before it writes anything, so that no caller waits for telemetry;
//! around a handler it learns whether that failed. [`Telemetry::run`](crate::Telemetry::run) puts it in both places.

mod deadline;
mod drain;
mod future;
mod invocation;

use std::{
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll},
};

pub use future::InvocationFuture;
use lambda_runtime::{LambdaEvent, LambdaInvocation};
use tower::{Layer, Service};

use crate::{process::Process, scope};

/// Opens and closes an invocation's telemetry. See [`Telemetry::layer`](crate::Telemetry::layer).
#[derive(Debug, Clone)]
pub struct TelemetryLayer(Arc<Process>);

impl TelemetryLayer {
    pub(crate) fn new(process: Arc<Process>) -> Self {
        Self(process)
    }
}

impl<S> Layer<S> for TelemetryLayer {
    type Service = TelemetryService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        TelemetryService { inner, process: Arc::clone(&self.0) }
    }
}

/// The service [`TelemetryLayer`] makes.
#[derive(Debug, Clone)]
pub struct TelemetryService<S> {
    inner: S,
    process: Arc<Process>,
}

impl<S> Service<LambdaInvocation> for TelemetryService<S>
where
    S: Service<LambdaInvocation, Response = ()>,
{
    type Response = ();
    type Error = S::Error;
    type Future = InvocationFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, invocation: LambdaInvocation) -> Self::Future {
        let root = invocation::open(&self.process, &invocation.context);
        let deadline = invocation.context.deadline;
        let future = {
            let _entered = scope::enter(&root.scope);
            self.inner.call(invocation)
        };
        InvocationFuture::owning(&self.process, root, deadline, future, false)
    }
}

impl<S, T> Service<LambdaEvent<T>> for TelemetryService<S>
where
    S: Service<LambdaEvent<T>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = InvocationFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        // Known before the first event, should that be unreadable.
        self.process.observes_handlers.store(true, Ordering::Relaxed);
        self.inner.poll_ready(context)
    }

    fn call(&mut self, event: LambdaEvent<T>) -> Self::Future {
        self.process.observes_handlers.store(true, Ordering::Relaxed);
        // The layer around the runtime, if there is one, has opened this invocation already.
        match scope::current() {
            Some(scope) => {
                scope.journal.handled();
                InvocationFuture::observing(&self.process, scope, self.inner.call(event))
            }
            None => {
                let root = invocation::open(&self.process, &event.context);
                root.scope.journal.handled();
                let deadline = event.context.deadline;
                let future = {
                    let _entered = scope::enter(&root.scope);
                    self.inner.call(event)
                };
                InvocationFuture::owning(&self.process, root, deadline, future, true)
            }
        }
    }
}
