//! What is answered: a page that is also data, another address, or a file.

use anyhow::Result;
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use maud::Markup;
use serde::Serialize;
use serde_json::Value;

/// A page, and the same as data.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) title: String,
    pub(crate) html: Markup,
    pub(crate) data: Value,
    pub(crate) status: StatusCode,
}

impl Shown {
    pub(crate) fn new(title: impl Into<String>, html: Markup, data: &impl Serialize) -> Result<Self> {
        Ok(Self { title: title.into(), html, data: serde_json::to_value(data)?, status: StatusCode::OK })
    }

    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }
}

#[derive(Debug)]
pub(crate) enum Answer {
    Page(Box<Shown>),
    /// Go there.
    To(String),
}

impl From<Shown> for Answer {
    fn from(shown: Shown) -> Self {
        Self::Page(Box::new(shown))
    }
}

/// After a POST: reloading what follows sends nothing again.
pub(crate) fn redirect(target: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(target) = HeaderValue::from_str(target) {
        response.headers_mut().insert(header::LOCATION, target);
    }
    response
}

pub(crate) fn json(status: StatusCode, data: &Value) -> Response {
    (status, Json(data)).into_response()
}
