//! A step as OpenTelemetry's current context, where spans made with `tracing` find their parent.

use std::sync::Arc;

use opentelemetry::{
    Context, ContextGuard,
    trace::{SpanContext, TraceContextExt as _, TraceFlags, TraceState},
};
use trace_context::SpanId;

use super::Scope;

/// The step that a span was begun in.
struct Inside(Arc<Scope>);

/// Makes the step the current span. One that is not recorded is so, too: what is begun in it must not hang under another.
pub(super) fn attach(scope: &Arc<Scope>) -> ContextGuard {
    let span = scope.span.zip(scope.unit.header.as_ref()).map(|(span, header)| {
        SpanContext::new(
            header.trace_id().get().into(),
            span.id.get().into(),
            // Whether X-Ray samples the trace is the unit's business: here it means that the span is wanted.
            TraceFlags::SAMPLED,
            true,
            TraceState::NONE,
        )
    });
    Context::current()
        .with_remote_span_context(span.unwrap_or(SpanContext::NONE))
        .with_value(Inside(Arc::clone(scope)))
        .attach()
}

/// The step that a span of this parent is begun in.
pub(crate) fn step_of(context: &Context) -> Option<Arc<Scope>> {
    context.get::<Inside>().map(|inside| Arc::clone(&inside.0))
}

/// The span inside this step that the running code is in, if it is in one.
pub(super) fn running_span(scope: &Scope) -> Option<SpanId> {
    if !scope.journal.takes_spans {
        return None;
    }
    Context::map_current(|context| {
        let inside = context.get::<Inside>().is_some_and(|inside| std::ptr::eq(&*inside.0, scope));
        let span = context.span();
        SpanId::new(u64::from_be_bytes(span.span_context().span_id().to_bytes())).filter(|_| inside)
    })
}
