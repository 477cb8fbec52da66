//! Takes ended spans from OpenTelemetry and sends their documents at once: spans are only ended when the response is out.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use opentelemetry::trace::{SpanId, TraceContextExt};
use opentelemetry::{Context, InstrumentationScope, KeyValue};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanEvents, SpanLinks, SpanProcessor};

use super::document::{Documents, Refused};
use super::{SpanHandle, Transport, attribute};
use crate::config::Config;
use crate::metrics::dropped::{Dropped, Reason};
use crate::step::scope::Scope;

#[derive(Debug)]
pub(crate) struct Processor {
    documents: Documents,
    transport: Transport,
    dropped: Arc<Dropped>,
    buffer: Mutex<Vec<u8>>,
}

impl Processor {
    pub(crate) fn new(config: &Config, transport: Transport, dropped: Arc<Dropped>) -> Self {
        Self {
            documents: Documents::new(config.log_group.as_deref(), config.correlation_key),
            transport,
            dropped,
            buffer: Mutex::default(),
        }
    }

    fn send(&self, span: SpanData, in_progress: bool) {
        match self.documents.document(span, in_progress) {
            Ok(document) => {
                let mut buffer = self.buffer.lock().unwrap_or_else(PoisonError::into_inner);
                self.dropped.add(Reason::Socket, self.transport.send(&document, &mut buffer));
            }
            Err(Refused::TooLarge) => self.dropped.add(Reason::TooLarge, 1),
            Err(Refused::Untranslatable) => self.dropped.add(Reason::Untranslatable, 1),
        }
    }

    /// Sends an open step as in progress: its complete document, should there ever be one, replaces this.
    pub(crate) fn send_open(&self, scope: &Scope, handle: &SpanHandle, service: &str) {
        let mut attributes = vec![KeyValue::new(attribute::custom(false, "step"), scope.name)];
        if handle.is_segment() {
            attributes.extend(attribute::function(service));
        }
        self.send(
            SpanData {
                span_context: handle.span_context(),
                parent_span_id: handle.parent_span_id(),
                parent_span_is_remote: scope.root,
                span_kind: handle.kind().clone(),
                name: scope.name.into(),
                start_time: scope.started_at,
                end_time: SystemTime::now(),
                attributes,
                dropped_attributes_count: 0,
                events: SpanEvents::default(),
                links: SpanLinks::default(),
                status: opentelemetry::trace::Status::Unset,
                instrumentation_scope: InstrumentationScope::default(),
            },
            true,
        );
    }

    /// Counts what showed only after sending.
    pub(crate) fn settle(&self) {
        self.dropped.add(Reason::Socket, self.transport.late_losses());
    }
}

/// The processor as OpenTelemetry's provider owns it.
#[derive(Debug)]
pub(super) struct Handle(pub(super) Arc<Processor>);

impl SpanProcessor for Handle {
    fn on_start(&self, _span: &mut Span, _context: &Context) {}

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() && span.name != super::OPEN {
            self.0.send(span, false);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.settle();
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}

impl SpanHandle {
    fn parent_span_id(&self) -> SpanId {
        self.parent
    }

    pub(super) fn id_in(context: &Context) -> SpanId {
        context.span().span_context().span_id()
    }
}
