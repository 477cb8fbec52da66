//! What stands before the emulator, for its users and for its functions: every call passes here.

mod control;
mod faults;
mod gateway;
mod router;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::Router;

use crate::{
    http::HttpClient,
    metrics::Metrics,
    services::{saved_queries::SavedQueries, xray::Traces},
};
use suite::GatewayAnswer;

pub(crate) use control::{FAULTS, HEALTH, Health};
pub(crate) use faults::{Effect, Fault};

/// What every request needs.
#[derive(Debug)]
pub(crate) struct Proxy {
    http: HttpClient,
    emulator_port: u16,
    emulator_is_up: AtomicBool,
    faults: faults::Faults,
    /// What the API answers when its function fails.
    integration_failure: GatewayAnswer,
    metrics: Arc<Metrics>,
    traces: Traces,
    saved_queries: SavedQueries,
}

impl Proxy {
    pub(crate) fn new(
        http: HttpClient,
        emulator_port: u16,
        integration_failure: GatewayAnswer,
        metrics: Arc<Metrics>,
        traces: Traces,
    ) -> Arc<Self> {
        Arc::new(Self {
            http,
            emulator_port,
            emulator_is_up: AtomicBool::new(true),
            faults: faults::Faults::default(),
            integration_failure,
            metrics,
            traces,
            saved_queries: SavedQueries::default(),
        })
    }

    pub(crate) fn router(self: &Arc<Self>) -> Router {
        router::router(Arc::clone(self))
    }

    /// From now on it answers that the emulator is down, and how to start it again.
    pub(crate) fn emulator_ended(&self) {
        self.emulator_is_up.store(false, Ordering::Relaxed);
    }
}
