//! Who may pass: calls on this machine's own name, from no foreign page, with a signature of a key that the stack has given out.

mod canonical;
mod origin;
mod permission;
mod refusal;
mod signature;

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use axum::{
    body::Body,
    extract::Request,
    http::{Method, Response, request::Parts},
};
pub(super) use origin::Origins;
pub(super) use refusal::Refusal;
use serde::Deserialize;

use self::{permission::Asked, signature::Signature};
use super::gateway;
use crate::{
    credentials::Credentials,
    emulator::{self, EmulatorClient},
    http,
};

/// What a request may be, before its body is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// To the API, which has its own rules: the path behind the stage.
    Api(String),
    /// To the stack itself, under `/_local`.
    Control,
    /// To the X-Ray daemon's address: an SDK's question for sampling rules, an exporter's OTLP spans. Nobody signs them.
    Daemon,
    /// Of an AWS service.
    Service,
}

/// The gate in front of everything.
#[derive(Debug)]
pub(super) struct Access {
    origins: Origins,
    own: Credentials,
    /// Secrets that the emulator has told, by key: a key that is gone is refused by the emulator.
    known: Mutex<HashMap<String, String>>,
}

impl Access {
    pub(super) fn new(own: Credentials, origins: Origins) -> Self {
        Self { origins, own, known: Mutex::default() }
    }

    /// What may be said without the body: where the request comes from and what it is for.
    pub(super) fn admit(&self, request: &Request) -> Result<Kind, Refusal> {
        let kind = kind(request)?;
        let api = matches!(kind, Kind::Api(_));
        self.origins.admit(request.headers(), api)?;
        Ok(kind)
    }

    /// Is the call signed with a key of the stack's, and may that key do it?
    pub(super) async fn verify(&self, parts: &Parts, body: &[u8], emulator: &EmulatorClient) -> Result<(), Refusal> {
        let signature = Signature::read(parts)?;
        let secret = self.secret(signature.access_key(), emulator).await?;
        signature.verify(parts, body, &secret, SystemTime::now())?;
        // The stack's own key is the root user's.
        match Asked::read(parts, body, signature.scope()) {
            Some(asked) if signature.access_key() != self.own.access_key => {
                asked.check(signature.access_key(), signature.region(), emulator).await
            }
            _ => Ok(()),
        }
    }

    async fn secret(&self, access_key: &str, emulator: &EmulatorClient) -> Result<String, Refusal> {
        if access_key == self.own.access_key {
            return Ok(self.own.secret_key.clone());
        }
        if let Some(secret) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(access_key) {
            return Ok(secret.clone());
        }
        #[derive(Deserialize)]
        struct Told {
            secret: String,
        }
        // The key's characters were checked: it is a word.
        let request =
            axum::http::Request::get(format!("{}/_suite/secrets/{access_key}", emulator::ADDRESS)).body(Body::empty());
        let Ok(request) = request else { return Err(Refusal::unknown_key()) };
        let told = match http::send(emulator, request).await {
            Ok((status, body)) if status.is_success() => serde_json::from_slice::<Told>(&body).ok(),
            Ok(_) => None,
            Err(error) => {
                eprintln!("a key can't be looked up: {error:#}");
                return Err(Refusal::not_now());
            }
        };
        let secret = told.ok_or_else(Refusal::unknown_key)?.secret;
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(access_key.to_owned(), secret.clone());
        Ok(secret)
    }

    /// No answer lets a page read it, but where the project's own API says so.
    pub(super) fn close(&self, response: &mut Response<Body>, api: bool) {
        if api {
            return;
        }
        let names: Vec<_> =
            response.headers().keys().filter(|name| name.as_str().starts_with("access-control-")).cloned().collect();
        for name in names {
            response.headers_mut().remove(name);
        }
    }
}

fn kind(request: &Request) -> Result<Kind, Refusal> {
    let path = request.uri().path();
    // As the emulator would read it: `/%5fministack/reset` is `/_ministack/reset`.
    let decoded = canonical::decoded(path);
    let closed = ["/_ministack", "/_localstack", "/_suite", "/_aws", "/_user_request_"];
    if closed.iter().any(|closed| decoded.trim_start_matches('/').starts_with(closed.trim_start_matches('/'))) {
        return Err(Refusal::closed());
    }
    if let Some(path) = gateway::api_path(path) {
        return Ok(Kind::Api(path.to_owned()));
    }
    if path.starts_with("/_local/") {
        return Ok(Kind::Control);
    }
    if request.method() == Method::POST
        && matches!(path, "/GetSamplingRules" | "/SamplingTargets" | "/v1/traces")
        && !is_signed(request)
    {
        return Ok(Kind::Daemon);
    }
    Ok(Kind::Service)
}

fn is_signed(request: &Request) -> bool {
    request.headers().contains_key("authorization")
        || request.uri().query().is_some_and(|query| query.contains("X-Amz-"))
}
