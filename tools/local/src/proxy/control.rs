//! The stack's own paths, under `/_local`: health and faults.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};

use super::{Proxy, faults::Fault};
use crate::{
    emulator,
    health::{EmulatorHealth, HEALTH, Health},
    http,
};

pub(crate) const FAULTS: &str = "/_local/faults";
/// The header with the stack's secret, which a change needs.
pub(crate) const TOKEN: &str = "x-suite-secret";

/// How long the emulator may take to say that it is there.
const EMULATOR_WITHIN: Duration = Duration::from_secs(2);

pub(super) fn router() -> Router<Arc<Proxy>> {
    Router::new()
        .route(HEALTH, get(health))
        .route("/_local/traces/{id}", get(trace))
        .route(FAULTS, post(add_fault).get(list_faults).delete(clear_faults))
}

async fn health(State(proxy): State<Arc<Proxy>>) -> Json<Health> {
    let setup = &proxy.setup;
    Json(Health {
        id: setup.id.clone(),
        emulator: emulator_health(&proxy).await,
        xray_daemon: setup.traces.daemon,
        traces: setup.traces.stats(),
        refused_traces: setup.traces.refused(),
        dropped_datagrams: setup.traces.kernel_drops(),
    })
}

/// What X-Ray's API does not say: that a trace was held, and is no longer.
async fn trace(State(proxy): State<Arc<Proxy>>, Path(id): Path<String>) -> Json<serde_json::Value> {
    Json(serde_json::json!({"evicted": proxy.setup.traces.was_evicted(&id)}))
}

async fn emulator_health(proxy: &Proxy) -> EmulatorHealth {
    if !proxy.emulator_is_up.load(Ordering::Relaxed) {
        return EmulatorHealth::Ended;
    }
    let url = format!("{}/_ministack/health", emulator::ADDRESS);
    match tokio::time::timeout(EMULATOR_WITHIN, http::get(&proxy.setup.emulator, &url)).await {
        Ok(Ok((status, _))) if status.is_success() => EmulatorHealth::Up,
        _ => EmulatorHealth::Silent,
    }
}

async fn add_fault(State(proxy): State<Arc<Proxy>>, headers: HeaderMap, Json(fault): Json<Fault>) -> Response {
    let result = proxy.may_change(&headers).and_then(|()| {
        fault.check().map_err(|why| (StatusCode::BAD_REQUEST, why))?;
        proxy.faults.add(fault).map_err(|why| (StatusCode::CONFLICT, why))
    });
    changed(result)
}

async fn list_faults(State(proxy): State<Arc<Proxy>>) -> Json<Vec<Fault>> {
    Json(proxy.faults.list())
}

async fn clear_faults(State(proxy): State<Arc<Proxy>>, headers: HeaderMap) -> Response {
    changed(proxy.may_change(&headers).map(|()| proxy.faults.clear()))
}

impl Proxy {
    /// Only whoever can read the stack's folder.
    fn may_change(&self, headers: &HeaderMap) -> Result<(), (StatusCode, String)> {
        match headers.get(TOKEN) {
            Some(token) if token.as_bytes() == self.setup.credentials.secret_key.as_bytes() => Ok(()),
            _ => Err((StatusCode::FORBIDDEN, format!("the header {TOKEN} must have the stack's secret key"))),
        }
    }
}

fn changed(result: Result<(), (StatusCode, String)>) -> Response {
    match result {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err((status, why)) => (status, Json(serde_json::json!({"message": why}))).into_response(),
    }
}
