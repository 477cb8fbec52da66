//! The stack's own paths, under `/_local`: health and faults.

use std::{
    net::SocketAddr,
    sync::{Arc, atomic::Ordering},
};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use serde::{Deserialize, Serialize};

use super::{Proxy, faults::Fault};
use crate::services::xray::Invocation;

pub(crate) const FAULTS: &str = "/_local/faults";
pub(crate) const HEALTH: &str = "/_local/health";
/// Where `emulator/launch.py` tells of invocations.
const INVOCATIONS: &str = "/_local/invocations";

/// What the stack says of itself.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Health {
    pub(crate) emulator_is_up: bool,
    /// Where X-Ray segments go by UDP.
    pub(crate) xray_daemon: SocketAddr,
    /// What came of them, and of those that came by HTTP or from the stack itself.
    pub(crate) traces: xray::Stats,
}

pub(super) fn router() -> Router<Arc<Proxy>> {
    Router::new()
        .route(HEALTH, get(health))
        .route(FAULTS, post(add_fault).get(list_faults).delete(clear_faults))
        .route(INVOCATIONS, post(add_invocation))
}

async fn health(State(proxy): State<Arc<Proxy>>) -> Json<Health> {
    Json(Health {
        emulator_is_up: proxy.emulator_is_up.load(Ordering::Relaxed),
        xray_daemon: proxy.traces.daemon,
        traces: proxy.traces.stats(),
    })
}

async fn add_fault(State(proxy): State<Arc<Proxy>>, Json(fault): Json<Fault>) -> StatusCode {
    proxy.faults.add(fault);
    StatusCode::NO_CONTENT
}

async fn list_faults(State(proxy): State<Arc<Proxy>>) -> Json<Vec<Fault>> {
    Json(proxy.faults.list())
}

async fn clear_faults(State(proxy): State<Arc<Proxy>>) -> StatusCode {
    proxy.faults.clear();
    StatusCode::NO_CONTENT
}

async fn add_invocation(State(proxy): State<Arc<Proxy>>, Json(invocation): Json<Invocation>) -> StatusCode {
    proxy.traces.add_invocation(&invocation);
    StatusCode::NO_CONTENT
}
