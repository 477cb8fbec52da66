//! Events of other crates that log with `tracing`: the AWS SDK, the Lambda runtime.
//!
//! Nobody knows what their texts quote (the runtime logs a handler's error as it is), so that only where they come from, their level and
//! their numbers are written; the callsite finds the text in the source. Targets named in `Config::trusted_targets` keep theirs, and only
//! theirs have spans (`trace::foreign`).

use std::{
    fmt::{Debug, Write},
    sync::Arc,
    time::SystemTime,
};

use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
};
use tracing_subscriber::{Layer, filter::FilterFn, layer::Context, registry::LookupSpan};

use super::Labels;
use crate::{
    config::Config,
    json,
    level::Level,
    loss::{Dropped, Reason},
    output::Output,
    scope, text,
};

/// The longest text of a trusted target.
const MAX_TEXT_BYTES: usize = 1024;

/// Writes events as lines.
#[derive(Debug)]
struct ForeignEvents {
    config: Config,
    labels: Labels,
    output: Arc<Output>,
    dropped: Arc<Dropped>,
}

/// Writes the events of other crates as lines.
pub(crate) fn layer<S>(config: &Config, output: Arc<Output>, dropped: Arc<Dropped>) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    // Without texts, DEBUG and TRACE of other crates say nothing.
    let level = match config.log_level {
        Level::Debug | Level::Info => LevelFilter::INFO,
        Level::Warn => LevelFilter::WARN,
        Level::Error => LevelFilter::ERROR,
        Level::Silent => LevelFilter::OFF,
    };
    let wanted = FilterFn::new(move |metadata| metadata.is_event() && *metadata.level() <= level);
    let events = ForeignEvents { config: config.clone(), labels: Labels::new(config), output, dropped };
    events.with_filter(wanted.with_max_level_hint(level))
}

impl<S: Subscriber> Layer<S> for ForeignEvents {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let metadata = event.metadata();
        let level = match *metadata.level() {
            tracing::Level::ERROR => Level::Error,
            tracing::Level::WARN => Level::Warn,
            _ => Level::Info,
        };
        let mut fields = Fields { trusted: self.config.trusts(metadata.target()), message: None, rest: Vec::new() };
        event.record(&mut fields);
        let mut out = String::with_capacity(256);
        let message = fields.message.as_deref().unwrap_or("text withheld");
        let mut object = self.labels.open(&mut out, SystemTime::now(), level, message);
        object.text("target", metadata.target());
        object.text("callsite", metadata.name());
        scope::with_current(|scope| self.labels.ids(&mut object, scope));
        for (key, value) in fields.rest {
            object.key(key).push_str(&value);
        }
        object.close();
        out.push('\n');
        self.dropped.add(Reason::Output, self.output.write(out.as_bytes()));
    }
}

struct Fields {
    trusted: bool,
    message: Option<String>,
    /// Values as JSON.
    rest: Vec<(&'static str, String)>,
}

impl Fields {
    fn number(&mut self, field: &Field, value: impl ToString) {
        self.rest.push((field.name(), value.to_string()));
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() {
            self.number(field, (value * 1e3).round() / 1e3);
        } else {
            self.number(field, "null");
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.number(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.number(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.number(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if self.trusted {
            let value = text::cut(value, MAX_TEXT_BYTES);
            if field.name() == "message" {
                self.message = Some(value.to_owned());
            } else {
                let mut quoted = String::new();
                json::string(value, &mut quoted);
                self.rest.push((field.name(), quoted));
            }
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if self.trusted {
            let mut text = String::new();
            // A `String` takes everything; a `Debug` that fails leaves what it wrote.
            let _ = write!(text, "{value:?}");
            self.record_str(field, &text);
        }
    }
}
