//! GetTraceSegmentDestination, UpdateTraceSegmentDestination.

use aws_wire::ApiError;
use serde::{Deserialize, Serialize};

use super::empty::Nothing;
use crate::{destination::Destination, store::Store};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Update {
    destination: Destination,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Told {
    destination: Destination,
    /// Here a change is made at once; AWS answers PENDING for some minutes.
    status: &'static str,
}

pub(super) fn get(store: &Store, _: Nothing) -> Result<Told, ApiError> {
    Ok(Told { destination: store.destination(), status: "ACTIVE" })
}

pub(super) fn update(store: &Store, request: Update) -> Result<Told, ApiError> {
    store.set_destination(request.destination);
    Ok(Told { destination: request.destination, status: "ACTIVE" })
}
