//! A small HTTP client for loopback.

use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::{
    body::{Body, Bytes},
    http::{Request, StatusCode},
};
use http_body_util::BodyExt as _;
use hyper_util::{
    client::legacy::{
        Client,
        connect::{Connect, HttpConnector},
    },
    rt::TokioExecutor,
};

/// No command waits longer for an answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

pub(crate) type HttpClient = Client<HttpConnector, Body>;

pub(crate) fn client() -> HttpClient {
    Client::builder(TokioExecutor::new()).pool_idle_timeout(Duration::from_secs(30)).build_http()
}

/// Sends a request and reads the whole answer.
pub(crate) async fn send<C>(client: &Client<C, Body>, request: Request<Body>) -> Result<(StatusCode, Bytes)>
where
    C: Connect + Clone + Send + Sync + 'static,
{
    let what = format!("{} {}", request.method(), request.uri());
    let answered = async {
        let response = client.request(request).await.with_context(|| what.clone())?;
        let status = response.status();
        let body = response.into_body().collect().await.with_context(|| what.clone())?.to_bytes();
        Ok((status, body))
    };
    tokio::time::timeout(ANSWER_WITHIN, answered)
        .await
        .with_context(|| format!("{what}: no answer within {} s", ANSWER_WITHIN.as_secs()))?
}

pub(crate) async fn get<C>(client: &Client<C, Body>, url: &str) -> Result<(StatusCode, Bytes)>
where
    C: Connect + Clone + Send + Sync + 'static,
{
    send(client, Request::get(url).body(Body::empty())?).await
}

pub(crate) async fn post_json(client: &HttpClient, url: &str, body: String) -> Result<(StatusCode, Bytes)> {
    send(client, Request::post(url).header("content-type", "application/json").body(Body::from(body))?).await
}
