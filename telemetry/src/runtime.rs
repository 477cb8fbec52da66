use std::fmt;
use std::fmt::Write as _;
use std::io::Write as _;
#[cfg(feature = "testing")]
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use lambda_runtime::{Diagnostic, LambdaEvent, Runtime};
use serde::{Deserialize, Serialize};
use tower::{Layer, Service};

use crate::config::{Config, InitError};
use crate::lambda::TelemetryLayer;
use crate::log::Level;
use crate::log::line::Object;
use crate::metrics::EmfWriter;
use crate::metrics::dropped::{Dropped, Reason};
use crate::trace::{DaemonAddress, Processor, Trace, Transport, UdpClient};

/// Sets telemetry up for this process. Call it first in `main`, once, and keep what it returns.
///
/// It installs the `tracing` subscriber and a panic hook that tells where, but not what: a panic's text may quote the payload.
///
/// # Errors
/// [`InitError`]. An absent daemon is none: its documents are counted as dropped.
pub fn init(config: Config) -> Result<Telemetry, InitError> {
    let mut config = config;
    config.check()?;
    let transport = DaemonAddress::parse(&config.daemon_address)
        .and_then(|address| UdpClient::connect(&address).ok())
        .map_or(Transport::Nowhere, |client| Transport::Daemon(Box::new(client)));
    let inner = Inner::new(config, transport, Output::Stdout, true);
    tracing::dispatcher::set_global_default(inner.trace.dispatch.clone()).map_err(|_| InitError::AlreadyInstalled)?;
    let hook = Arc::clone(&inner);
    std::panic::set_hook(Box::new(move |panic| hook.panicked(panic.location())));
    Ok(Telemetry(inner))
}

/// A function's telemetry, as [`init`] sets it up.
#[derive(Debug, Clone)]
pub struct Telemetry(pub(crate) Arc<Inner>);

impl Telemetry {
    /// The layer for [`Runtime::layer`], or for a handler that runs under something else.
    ///
    /// Around a runtime it flushes after the response; around a handler alone, before.
    #[must_use]
    pub fn layer(&self) -> TelemetryLayer {
        TelemetryLayer(Arc::clone(&self.0))
    }

    /// Runs a handler: `Runtime::new(layer.layer(handler)).layer(layer).run()`, so that a failing handler is seen and no caller waits.
    ///
    /// # Errors
    /// Those of [`Runtime::run`].
    pub async fn run<F, P, R>(&self, handler: F) -> Result<(), lambda_runtime::Error>
    where
        F: Service<LambdaEvent<P>, Response = R>,
        F::Future: Future<Output = Result<R, F::Error>>,
        F::Error: Into<Diagnostic> + fmt::Debug,
        P: for<'de> Deserialize<'de>,
        R: Serialize,
    {
        Runtime::new(self.layer().layer(handler)).layer(self.layer()).run().await
    }
}

#[derive(Debug)]
pub(crate) enum Output {
    Stdout,
    #[cfg(feature = "testing")]
    Captured(Mutex<Vec<u8>>),
}

/// What a process has one of.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) config: Config,
    pub(crate) trace: Trace,
    pub(crate) processor: Arc<Processor>,
    pub(crate) dropped: Arc<Dropped>,
    pub(crate) emf: Mutex<EmfWriter>,
    pub(crate) output: Output,
    pub(crate) cold: AtomicBool,
    /// Whether some handler is wrapped, so that an invocation without one is a failure to read its event.
    pub(crate) observes_handlers: AtomicBool,
}

impl Inner {
    pub(crate) fn new(config: Config, transport: Transport, output: Output, global: bool) -> Arc<Self> {
        let dropped = Arc::new(Dropped::default());
        let (mut trace, processor) = Trace::new(&config, transport, Arc::clone(&dropped));
        trace.global = global;
        let emf = EmfWriter::new(&config.namespace, &config.service, &config.environment);
        let inner = Arc::new(Self {
            config,
            trace,
            processor,
            dropped,
            emf: Mutex::new(emf),
            output,
            cold: AtomicBool::new(true),
            observes_handlers: AtomicBool::new(false),
        });
        // The place is new and empty: the layer in this trace gets this telemetry.
        let _ = inner.trace.telemetry.set(Arc::downgrade(&inner));
        inner
    }

    pub(crate) fn in_dispatch<R>(&self, run: impl FnOnce() -> R) -> R {
        self.trace.in_dispatch(run)
    }

    /// Writes whole lines. What cannot be written is counted: there is no other place to say so.
    pub(crate) fn write(&self, lines: &[u8]) {
        if lines.is_empty() {
            return;
        }
        match &self.output {
            Output::Stdout => {
                let mut stdout = std::io::stdout().lock();
                if stdout.write_all(lines).and_then(|()| stdout.flush()).is_err() {
                    let count = lines.iter().filter(|byte| **byte == b'\n').count();
                    self.dropped.add(Reason::Output, count as u64);
                }
            }
            #[cfg(feature = "testing")]
            Output::Captured(captured) => {
                captured.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(lines)
            }
        }
    }

    /// Says why a metric record was refused.
    pub(crate) fn complain(&self, error: &dyn fmt::Display, out: &mut Vec<u8>) {
        let mut line = String::new();
        let mut object =
            Object::open(&mut line, SystemTime::now(), Level::Error, "a metric record was refused", &self.config);
        object.text("error", &error.to_string());
        object.close();
        out.extend_from_slice(line.as_bytes());
    }

    fn panicked(&self, location: Option<&std::panic::Location<'_>>) {
        let mut line = String::new();
        let mut object = Object::open(&mut line, SystemTime::now(), Level::Error, "panic", &self.config);
        if let Some(location) = location {
            let mut place = String::new();
            let _ = write!(place, "{}:{}", location.file(), location.line());
            object.text("location", &place);
        }
        object.close();
        self.write(line.as_bytes());
    }
}
