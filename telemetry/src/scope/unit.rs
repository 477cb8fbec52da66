use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use trace_context::{Ascii, SpanId, TraceHeader, TraceId};

use crate::field::CorrelationId;

/// One unit of work in one trace: the invocation itself, or one record of its batch.
#[derive(Debug)]
pub(crate) struct Unit {
    /// The trace this unit's steps belong to; none outside X-Ray.
    pub(crate) header: Option<TraceHeader>,
    /// The trace's id as X-Ray writes it: every line has it.
    pub(crate) trace_id: Option<Ascii<35>>,
    /// Whether its outermost document is a segment of its own, in a producer's trace.
    pub(crate) segment: bool,
    /// Whether X-Ray keeps its trace.
    pub(crate) sampled: bool,
    /// Whether its steps are spans that are sent.
    pub(crate) recorded: bool,
    pub(crate) correlation: OnceLock<CorrelationId>,
    /// Where its client stands in a trace of its own.
    pub(crate) client: OnceLock<(TraceId, SpanId)>,
    /// Annotations left of its trace's fifty, shared by the units of one trace.
    annotations: Arc<AtomicUsize>,
    /// Its kept log lines are wanted.
    failed: AtomicBool,
}

impl Unit {
    /// `unsampled`: whether spans are sent of a trace, too, that X-Ray does not keep.
    pub(crate) fn new(
        header: Option<TraceHeader>,
        segment: bool,
        unsampled: bool,
        annotations: Arc<AtomicUsize>,
    ) -> Self {
        // A segment may be its trace's first; a subsegment hangs under something.
        let decided =
            header.as_ref().filter(|header| segment || header.parent().is_some()).and_then(TraceHeader::sampled);
        let sampled = decided == Some(true);
        let recorded = sampled || unsampled && decided == Some(false);
        Self {
            sampled,
            recorded,
            trace_id: header.as_ref().map(|header| header.trace_id().xray()),
            header,
            segment,
            correlation: OnceLock::new(),
            client: OnceLock::new(),
            annotations,
            failed: false.into(),
        }
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
