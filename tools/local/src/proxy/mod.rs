//! What stands before the emulator, for its users and for its functions: every call passes here.

mod access;
mod body;
mod caller;
mod control;
mod faults;
mod gateway;
mod router;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{Router, extract::connect_info::IntoMakeServiceWithConnectInfo};
pub(crate) use caller::Caller;
pub(crate) use control::{FAULTS, TOKEN};
pub(crate) use faults::{Effect, Fault, LONGEST_DELAY_MS};
use suite::GatewayAnswer;

use crate::{
    credentials::Credentials,
    emulator::EmulatorClient,
    metrics::Metrics,
    services::{logs::Logs, saved_queries::SavedQueries, xray::Traces},
};

/// What a proxy is made of.
#[derive(Debug)]
pub(crate) struct Setup {
    /// The stack's.
    pub(crate) id: String,
    pub(crate) port: u16,
    pub(crate) credentials: Credentials,
    pub(crate) emulator: EmulatorClient,
    /// What the API answers when its function fails.
    pub(crate) integration_failure: GatewayAnswer,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) traces: Traces,
    pub(crate) logs: Logs,
    /// Origins whose pages may call the API.
    pub(crate) cors_allow_origins: Vec<String>,
}

/// What every request needs.
#[derive(Debug)]
pub(crate) struct Proxy {
    setup: Setup,
    access: access::Access,
    emulator_is_up: AtomicBool,
    faults: faults::Faults,
    saved_queries: SavedQueries,
}

impl Proxy {
    pub(crate) fn new(setup: Setup) -> Arc<Self> {
        Arc::new(Self {
            access: access::Access::new(
                setup.credentials.clone(),
                access::Origins::new(setup.port, setup.cors_allow_origins.clone()),
            ),
            emulator_is_up: AtomicBool::new(true),
            faults: faults::Faults::default(),
            saved_queries: SavedQueries::default(),
            setup,
        })
    }

    /// Each request comes with who called.
    pub(crate) fn service(self: &Arc<Self>) -> IntoMakeServiceWithConnectInfo<Router, Caller> {
        router::router(Arc::clone(self)).into_make_service_with_connect_info()
    }

    pub(crate) fn traces(&self) -> &Traces {
        &self.setup.traces
    }

    /// From now on it answers that the emulator is down, and how to start it again.
    pub(crate) fn emulator_ended(&self) {
        self.emulator_is_up.store(false, Ordering::Relaxed);
    }
}
