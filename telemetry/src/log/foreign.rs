//! Events of other crates that log with `tracing`: the AWS SDK, the Lambda runtime.
//!
//! Nobody knows what their texts quote (the runtime logs a handler's error as it is), so that only where they come from, their level and
//! their numbers are written; the callsite finds the text in the source. Targets named in `Config::trusted_targets` keep theirs.

use std::fmt::{Debug, Write};
use std::sync::{Arc, OnceLock, Weak};
use std::time::SystemTime;

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::Level;
use super::line::Object;
use crate::config::Config;
use crate::runtime::Inner;
use crate::step::scope;

/// The longest text of a trusted target.
const MAX_TEXT_BYTES: usize = 1024;

#[derive(Debug)]
pub(crate) struct ForeignEvents {
    telemetry: Arc<OnceLock<Weak<Inner>>>,
    trusted: Vec<&'static str>,
}

impl ForeignEvents {
    /// The layer, filtered to events that are worth a line, and the place to put the telemetry it writes through.
    pub(crate) fn layer<S>(config: &Config) -> (impl Layer<S>, Arc<OnceLock<Weak<Inner>>>)
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let telemetry = Arc::new(OnceLock::new());
        // Without texts, DEBUG and TRACE of other crates say nothing.
        let level = match config.log_level {
            Level::Debug | Level::Info => LevelFilter::INFO,
            Level::Warn => LevelFilter::WARN,
            Level::Error => LevelFilter::ERROR,
            Level::Silent => LevelFilter::OFF,
        };
        let layer = Self { telemetry: Arc::clone(&telemetry), trusted: config.trusted_targets.clone() };
        let layer = layer.with_filter(filter_fn(|metadata| metadata.is_event()).and(level));
        (layer, telemetry)
    }

    fn trusts(&self, metadata: &Metadata<'_>) -> bool {
        self.trusted.iter().any(|target| {
            metadata.target().strip_prefix(target).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        })
    }
}

impl<S: Subscriber> Layer<S> for ForeignEvents {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let Some(telemetry) = self.telemetry.get().and_then(Weak::upgrade) else {
            return;
        };
        let metadata = event.metadata();
        let level = match *metadata.level() {
            tracing::Level::ERROR => Level::Error,
            tracing::Level::WARN => Level::Warn,
            _ => Level::Info,
        };
        let mut fields = Fields { trusted: self.trusts(metadata), message: None, rest: String::new() };
        event.record(&mut fields);
        let mut out = String::with_capacity(256);
        let message = fields.message.as_deref().unwrap_or("text withheld");
        let mut object = Object::open(&mut out, SystemTime::now(), level, message, &telemetry.config);
        object.text("target", metadata.target());
        object.text("callsite", metadata.name());
        scope::with_current(|scope| object.ids(scope, &telemetry.config));
        object.0.push_str(&fields.rest);
        object.close();
        telemetry.write(out.as_bytes());
    }
}

struct Fields {
    trusted: bool,
    message: Option<String>,
    rest: String,
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        Object(&mut self.rest).number(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        let _ = write!(self.rest, ",\"{}\":{value}", field.name());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        Object(&mut self.rest).count(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        Object(&mut self.rest).bool(field.name(), value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if self.trusted {
            let value = crate::trace::sanitize::cut(value, MAX_TEXT_BYTES);
            if field.name() == "message" {
                self.message = Some(value.to_owned());
            } else {
                Object(&mut self.rest).text(field.name(), value);
            }
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if self.trusted {
            self.record_str(field, &format!("{value:?}"));
        }
    }
}
