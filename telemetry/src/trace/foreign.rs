//! Spans that libraries, and the user's own code, make with `tracing`: `tracing-opentelemetry` makes OpenTelemetry's of those whose
//! targets are trusted, and they become subsegments of the step that was running when they began.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use opentelemetry::{
    Context,
    trace::{Span as _, SpanId, TraceId, TracerProvider as _},
};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{IdGenerator, Sampler, SdkTracerProvider, Span, SpanData, SpanProcessor},
};
use tracing::{Metadata, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{Layer, filter::FilterFn, registry::LookupSpan};

use crate::{
    config::Config,
    level::Level,
    scope::{self, ForeignSpan, Scope, random_span_id},
};

/// Makes OpenTelemetry's spans of `tracing`'s; none where no target is trusted, so that others' spans cost nothing.
pub(crate) fn layer<S>(config: &Config) -> Option<impl Layer<S> + use<S>>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    if config.trusted_targets.is_empty() {
        return None;
    }
    let provider = SdkTracerProvider::builder()
        // The step decides: it is the parent, and says that it is sampled if its spans are wanted.
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::AlwaysOff)))
        .with_id_generator(Ids)
        .with_span_processor(Finishing::default())
        .with_resource(Resource::builder_empty().build())
        .build();
    let layer = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("tracing"))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false);
    let level = if config.log_level == Level::Debug { LevelFilter::DEBUG } else { LevelFilter::INFO };
    let trusting = config.clone();
    let wanted = move |metadata: &Metadata<'_>| {
        // An error that was told inside a span is the span's failure.
        let least = if metadata.is_span() { level } else { LevelFilter::ERROR };
        *metadata.level() <= least && trusting.trusts(metadata.target())
    };
    Some(layer.with_filter(FilterFn::new(wanted).with_max_level_hint(level)))
}

/// As steps have them.
#[derive(Debug)]
struct Ids;

impl IdGenerator for Ids {
    fn new_trace_id(&self) -> TraceId {
        // Of a span without a parent, which is not recorded.
        TraceId::INVALID
    }

    fn new_span_id(&self) -> SpanId {
        random_span_id().get().into()
    }
}

/// Keeps a span that is done with the step it was begun in.
#[derive(Debug, Default)]
struct Finishing(Mutex<HashMap<SpanId, Arc<Scope>>>);

impl Finishing {
    fn open(&self) -> MutexGuard<'_, HashMap<SpanId, Arc<Scope>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SpanProcessor for Finishing {
    fn on_start(&self, span: &mut Span, context: &Context) {
        if let Some(step) = scope::step_of(context) {
            self.open().insert(span.span_context().span_id(), step);
        }
    }

    fn on_end(&self, data: SpanData) {
        // What runs when it ends may be another step, or none.
        let step = self.open().remove(&data.span_context.span_id());
        if let Some(step) = step {
            let journal = Arc::clone(&step.journal);
            journal.span(ForeignSpan { step, data });
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _timeout: Duration) -> OTelSdkResult {
        Ok(())
    }
}
