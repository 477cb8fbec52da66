//! Requests and answers that say nothing.

use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
pub(super) struct Nothing {}

#[derive(Serialize)]
pub(super) struct Done {}
