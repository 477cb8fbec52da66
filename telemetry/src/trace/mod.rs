//! Spans of OpenTelemetry, as X-Ray segment documents, to the daemon's UDP port.

pub(crate) mod attribute;
mod client;
mod document;
mod processor;
pub(crate) mod sanitize;

use std::sync::{Arc, OnceLock, Weak};

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, SpanKind, TraceContextExt, TracerProvider};
use opentelemetry_aws::trace::XrayIdGenerator;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing::{Dispatch, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;

pub use client::{DaemonAddress, MAX_DOCUMENT_BYTES};
pub(crate) use client::{Transport, UdpClient};
pub use document::Documents;
pub(crate) use document::MAX_LINKS;
pub(crate) use processor::Processor;

use crate::config::Config;
use crate::log::foreign::ForeignEvents;
use crate::metrics::dropped::Dropped;
use crate::propagate::TraceHeader;
use crate::runtime::Inner;

/// The target of this crate's spans, the only ones that become documents: what other crates put into theirs is unknown.
const TARGET: &str = "telemetry::step";
/// The name of a span until its step is written into it; ended with this name, it has nothing to tell.
const OPEN: &str = "telemetry::open";

/// Annotations X-Ray indexes per trace.
pub const ANNOTATIONS_PER_TRACE: usize = 50;
/// How many of them the invocation's own trace gets from one invocation.
pub(crate) const INVOCATION_ANNOTATIONS: usize = 20;
/// How many a record's trace gets from one delivery: five deliveries and the producer's twenty make fifty.
pub(crate) const RECORD_ANNOTATIONS: usize = 6;

/// The tracing side of one [`Telemetry`](crate::Telemetry).
#[derive(Debug)]
pub(crate) struct Trace {
    pub(crate) dispatch: Dispatch,
    /// Whether the dispatch is the process' own, so that it need not be put in place.
    pub(crate) global: bool,
    /// Where the log layer finds what it writes through.
    pub(crate) telemetry: Arc<OnceLock<Weak<Inner>>>,
    // Spans end into it; dropping it would shut the processor down.
    _provider: SdkTracerProvider,
}

/// A span under way: its `tracing` handle keeps it open, its context carries the ids.
#[derive(Debug)]
pub(crate) struct SpanHandle {
    // Closing it would end the span too early.
    _span: Span,
    context: Context,
    parent: SpanId,
    kind: SpanKind,
}

impl SpanHandle {
    pub(crate) fn span_context(&self) -> SpanContext {
        self.context.span().span_context().clone()
    }

    pub(crate) fn span_id(&self) -> SpanId {
        self.context.span().span_context().span_id()
    }

    pub(crate) fn context(&self) -> &Context {
        &self.context
    }

    pub(crate) fn is_segment(&self) -> bool {
        self.kind == SpanKind::Server
    }

    pub(crate) fn kind(&self) -> &SpanKind {
        &self.kind
    }
}

impl Trace {
    pub(crate) fn new(config: &Config, transport: Transport, dropped: Arc<Dropped>) -> (Self, Arc<Processor>) {
        let processor = Arc::new(Processor::new(config, transport, dropped));
        let provider = SdkTracerProvider::builder()
            .with_id_generator(XrayIdGenerator::default())
            // Without an upstream decision nothing is recorded: Lambda decides, not we.
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::AlwaysOff)))
            // Resource attributes are walked for every document.
            .with_resource(Resource::builder_empty().build())
            .with_span_processor(processor::Handle(Arc::clone(&processor)))
            .build();
        let spans = tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("telemetry"))
            .with_location(false)
            .with_threads(false)
            .with_level(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_context_activation(false)
            .with_filter(filter_fn(|metadata| metadata.is_span() && metadata.target() == TARGET));
        let (events, telemetry) = ForeignEvents::layer(config);
        let subscriber = tracing_subscriber::registry().with(spans).with(events);
        (Self { dispatch: Dispatch::new(subscriber), global: false, telemetry, _provider: provider }, processor)
    }

    pub(crate) fn root(&self, header: &TraceHeader, kind: SpanKind) -> Option<SpanHandle> {
        let parent = Context::new().with_remote_span_context(header.remote_context()?);
        Some(self.start(parent, kind))
    }

    pub(crate) fn child(&self, parent: &SpanHandle, kind: SpanKind) -> SpanHandle {
        self.start(parent.context.clone(), kind)
    }

    pub(crate) fn in_dispatch<R>(&self, run: impl FnOnce() -> R) -> R {
        if self.global { run() } else { tracing::dispatcher::with_default(&self.dispatch, run) }
    }

    fn start(&self, parent: Context, kind: SpanKind) -> SpanHandle {
        // The context's parent is given explicitly: what span the thread happens to be in says nothing about this step.
        let span = self.in_dispatch(|| match kind {
            SpanKind::Server => {
                tracing::info_span!(target: TARGET, parent: None, "telemetry::open", otel.kind = "server")
            }
            SpanKind::Client => {
                tracing::info_span!(target: TARGET, parent: None, "telemetry::open", otel.kind = "client")
            }
            _ => tracing::info_span!(target: TARGET, parent: None, "telemetry::open"),
        });
        let parent_id = SpanHandle::id_in(&parent);
        // It can only fail for a span that has started or has no such layer, and neither is the case here.
        let _ = span.set_parent(parent);
        let context = span.context();
        SpanHandle { _span: span, context, parent: parent_id, kind }
    }
}
