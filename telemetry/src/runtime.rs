use std::{
    fmt,
    future::Future,
    sync::{Arc, atomic::Ordering},
};

use lambda_runtime::{Diagnostic, LambdaEvent, Runtime};
use serde::{Deserialize, Serialize};
use tower::{Layer, Service};

use crate::{
    config::{Config, InitError},
    lambda::TelemetryLayer,
    output::Output,
    process::Process,
    trace::Transport,
};

/// Sets telemetry up for this process. Call it first in `main`, once, and keep what it returns.
///
/// It installs the `tracing` subscriber and a panic hook that tells where, but not what: a panic's text may quote the payload.
///
/// # Errors
/// [`InitError`]. An absent daemon is none: its documents are counted as dropped.
pub fn init(config: Config) -> Result<Telemetry, InitError> {
    let mut config = config;
    config.check()?;
    let transport = Transport::connect(&config.daemon_address);
    let process = Arc::new(Process::new(config, transport, Output::Stdout, true));
    tracing::dispatcher::set_global_default(process.dispatch.clone()).map_err(|_| InitError::AlreadyInstalled)?;
    let hook = Arc::clone(&process);
    std::panic::set_hook(Box::new(move |panic| hook.panicked(panic.location())));
    Ok(Telemetry(process))
}

/// A function's telemetry, as [`init`] sets it up.
#[derive(Debug, Clone)]
pub struct Telemetry(Arc<Process>);

impl Telemetry {
    /// The layer for [`Runtime::layer`], or for a handler that runs under something else.
    ///
    /// Around a runtime it flushes after the response; around a handler alone, before.
    #[must_use]
    pub fn layer(&self) -> TelemetryLayer {
        TelemetryLayer::new(Arc::clone(&self.0))
    }

    /// Runs a handler: `Runtime::new(layer.layer(handler)).layer(layer).run()`, so that a failing handler is seen and no caller waits.
    ///
    /// # Errors
    /// Those of [`Runtime::run`]; [`InitError::Concurrency`] where Lambda would hand over several invocations at a time.
    pub async fn run<F, P, R>(&self, handler: F) -> Result<(), lambda_runtime::Error>
    where
        F: Service<LambdaEvent<P>, Response = R>,
        F::Future: Future<Output = Result<R, F::Error>>,
        F::Error: Into<Diagnostic> + fmt::Debug,
        P: for<'de> Deserialize<'de>,
        R: Serialize,
    {
        let limit = self.0.config.max_concurrency;
        if limit > 1 {
            return Err(InitError::Concurrency(limit).into());
        }
        self.0.observes_handlers.store(true, Ordering::Relaxed);
        Runtime::new(self.layer().layer(handler)).layer(self.layer()).run().await
    }

    /// As [`Telemetry::run`], for Lambda's managed instances too: as many invocations at a time as `AWS_LAMBDA_MAX_CONCURRENCY` says.
    ///
    /// # Errors
    /// Those of [`Runtime::run_concurrent`].
    pub async fn run_concurrent<F, P, R>(&self, handler: F) -> Result<(), lambda_runtime::Error>
    where
        F: Service<LambdaEvent<P>, Response = R> + Clone + Send + 'static,
        F::Future: Future<Output = Result<R, F::Error>> + Send + 'static,
        F::Error: Into<Diagnostic> + fmt::Debug,
        P: for<'de> Deserialize<'de> + Send + 'static,
        R: Serialize + Send + 'static,
    {
        self.0.observes_handlers.store(true, Ordering::Relaxed);
        Runtime::new(self.layer().layer(handler)).layer(self.layer()).run_concurrent().await
    }
}

#[cfg(test)]
mod tests {
    use tower::service_fn;

    use super::*;

    #[tokio::test]
    async fn more_invocations_than_the_function_takes_are_refused_with_the_way_out() {
        let vars = [
            ("PROJECT_NAME", "shop"),
            ("SERVICE_NAME", "validator"),
            ("ENVIRONMENT", "test"),
            ("AWS_LAMBDA_MAX_CONCURRENCY", "8"),
        ];
        let var = |name: &str| vars.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let config = Config::from_vars(var).unwrap();
        let telemetry = Telemetry(Arc::new(Process::new(config, Transport::Nowhere, Output::Stdout, false)));
        let handler = service_fn(|_: LambdaEvent<()>| async { Ok::<_, lambda_runtime::Error>(()) });
        let error = telemetry.run(handler).await.unwrap_err().to_string();
        assert!(error.contains("AWS_LAMBDA_MAX_CONCURRENCY is 8") && error.contains("run_concurrent"), "{error}");
    }
}
