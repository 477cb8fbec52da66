use std::sync::{Arc, atomic::Ordering};

use lambda_runtime::Context;
use trace_context::TraceHeader;

use crate::{
    error::Failure,
    process::Process,
    scope::{Drain, Journal, Open, Unit},
    trace::INVOCATION_ANNOTATIONS,
};

/// Opens the telemetry of the invocation Lambda describes in `context`; the environment is not asked.
pub(super) fn open(process: &Arc<Process>, context: &Context) -> Open {
    let drain: Arc<dyn Drain> = Arc::<Process>::clone(process);
    let journal = Arc::new(Journal::new(&context.request_id, process.cold.swap(false, Ordering::Relaxed), drain));
    let header = context.xray_trace_id.as_deref().and_then(TraceHeader::parse);
    let budget = journal.annotations(header.as_ref(), INVOCATION_ANNOTATIONS);
    let unsampled = process.config.trace_format.takes_unsampled();
    Open::unit(journal, Unit::new(header, false, unsampled, budget), "handler")
}

/// Why the invocation failed, if it has.
pub(super) fn failure(process: &Process, journal: &Journal) -> Option<Failure> {
    let unread = !journal.was_handled() && process.observes_handlers.load(Ordering::Relaxed);
    journal.failure().or_else(|| {
        unread.then_some(Failure::fault("EventUnreadable", "the event could not be read as the handler's type"))
    })
}
