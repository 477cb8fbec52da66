//! The plane's own paths, under `/_local`: health and faults.

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

use super::{Plane, faults::Fault, traces::Invocation};

pub(crate) const FAULTS: &str = "/_local/faults";
pub(crate) const HEALTH: &str = "/_local/health";
/// Where `emulator/launch.py` tells of invocations.
const INVOCATIONS: &str = "/_local/invocations";

/// What the plane says of itself.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Health {
    pub(crate) emulator_is_up: bool,
    /// Where X-Ray segments go by UDP.
    pub(crate) xray_daemon: SocketAddr,
    /// What came of them, and of those that came by HTTP or from the plane itself.
    pub(crate) traces: xray::Stats,
}

pub(super) fn router() -> Router<Arc<Plane>> {
    Router::new()
        .route(HEALTH, get(health))
        .route(FAULTS, post(add_fault).get(list_faults).delete(clear_faults))
        .route(INVOCATIONS, post(add_invocation))
}

async fn health(State(plane): State<Arc<Plane>>) -> Json<Health> {
    Json(Health {
        emulator_is_up: plane.emulator_is_up.load(Ordering::Relaxed),
        xray_daemon: plane.traces.daemon,
        traces: plane.traces.stats(),
    })
}

async fn add_fault(State(plane): State<Arc<Plane>>, Json(fault): Json<Fault>) -> StatusCode {
    plane.faults.add(fault);
    StatusCode::NO_CONTENT
}

async fn list_faults(State(plane): State<Arc<Plane>>) -> Json<Vec<Fault>> {
    Json(plane.faults.list())
}

async fn clear_faults(State(plane): State<Arc<Plane>>) -> StatusCode {
    plane.faults.clear();
    StatusCode::NO_CONTENT
}

async fn add_invocation(State(plane): State<Arc<Plane>>, Json(invocation): Json<Invocation>) -> StatusCode {
    plane.traces.add_invocation(&invocation);
    StatusCode::NO_CONTENT
}
