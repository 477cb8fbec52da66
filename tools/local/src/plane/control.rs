//! The plane's own paths, under `/_local`: health and faults.

use std::sync::{Arc, atomic::Ordering};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    routing::{get, post},
};
use serde::{Deserialize, Serialize};

use super::{Plane, faults::Fault};

pub(crate) const FAULTS: &str = "/_local/faults";
pub(crate) const HEALTH: &str = "/_local/health";

/// What the plane says of itself.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Health {
    pub(crate) emulator_is_up: bool,
}

pub(super) fn router() -> Router<Arc<Plane>> {
    Router::new().route(HEALTH, get(health)).route(FAULTS, post(add_fault).get(list_faults).delete(clear_faults))
}

async fn health(State(plane): State<Arc<Plane>>) -> Json<Health> {
    Json(Health { emulator_is_up: plane.emulator_is_up.load(Ordering::Relaxed) })
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
