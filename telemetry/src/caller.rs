//! The client's own trace, which a request may name.

use std::{future::Future, sync::Arc};

use trace_context::{TraceHeader, traceparent};

use crate::{
    scope::{self, Open, Unit},
    trace::INVOCATION_ANNOTATIONS,
};

/// Where a client stands in a trace of its own: W3C's `traceparent`, as its request carries it.
#[derive(Debug, Clone)]
pub struct Caller(Option<TraceHeader>);

impl Caller {
    /// Reads the header; garbage is as if there were none.
    #[must_use]
    pub fn new(traceparent: Option<&str>) -> Self {
        Self(traceparent.and_then(traceparent::parse))
    }

    /// Runs the request's work. The invocation is linked to the client's trace, and found by its id: annotation and member of the
    /// log line `clientTraceId`.
    ///
    /// With [`Config::trust_traceparent`](crate::Config::trust_traceparent) the work is a segment of the client's trace, too, and
    /// what it sends goes on in that. Whether X-Ray keeps it is decided as for every other request: a client could have everything
    /// kept, or nothing.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> T {
        let named = self.0.as_ref().and_then(|header| Some((header, header.parent()?)));
        let Some(((header, parent), invocation)) = named.zip(scope::current()) else {
            return work.await;
        };
        invocation.unit.client.get_or_init(|| (header.trace_id(), parent));
        let journal = Arc::clone(&invocation.journal);
        if !journal.config().trust_traceparent {
            return work.await;
        }
        let header = header.with_sampled(invocation.unit.sampled);
        let budget = journal.annotations(Some(&header), INVOCATION_ANNOTATIONS);
        let unsampled = journal.config().trace_format.takes_unsampled();
        let open = Open::unit(journal, Unit::new(Some(header), true, unsampled, budget), "request");
        let output = scope::within(&open.scope, work).await;
        // A failure has been told by then.
        open.close(None);
        output
    }
}
