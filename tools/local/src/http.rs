//! A small HTTP client for loopback.

use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::{
    body::{Body, Bytes},
    http::{Request, StatusCode},
};
use http_body_util::BodyExt as _;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

pub(crate) type HttpClient = Client<HttpConnector, Body>;

pub(crate) fn client() -> HttpClient {
    Client::builder(TokioExecutor::new()).pool_idle_timeout(Duration::from_secs(30)).build_http()
}

/// Sends a request and reads the whole answer.
pub(crate) async fn send(client: &HttpClient, request: Request<Body>) -> Result<(StatusCode, Bytes)> {
    let what = format!("{} {}", request.method(), request.uri());
    let response = tokio::time::timeout(Duration::from_secs(60), client.request(request))
        .await
        .with_context(|| format!("{what}: no answer within 60 s"))?
        .with_context(|| what.clone())?;
    let status = response.status();
    let body = response.into_body().collect().await.with_context(|| what)?.to_bytes();
    Ok((status, body))
}

pub(crate) async fn get(client: &HttpClient, url: &str) -> Result<(StatusCode, Bytes)> {
    send(client, Request::get(url).body(Body::empty())?).await
}

pub(crate) async fn post_json(client: &HttpClient, url: &str, body: String) -> Result<(StatusCode, Bytes)> {
    send(client, Request::post(url).header("content-type", "application/json").body(Body::from(body))?).await
}
