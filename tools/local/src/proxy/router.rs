//! Every call passes here on its way to the emulator, with its `Host` kept: signatures cover it.

use std::sync::{Arc, atomic::Ordering};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderValue, Method, Response, StatusCode, Uri, header, uri},
    response::IntoResponse as _,
};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

use super::{Proxy, control, gateway};
use crate::aws_call::{operation, signed_for};

pub(super) fn router(proxy: Arc<Proxy>) -> Router {
    let metrics = crate::metrics::router(Arc::clone(&proxy.metrics));
    control::router().fallback(handle).with_state(proxy).merge(metrics)
}

async fn handle(State(proxy): State<Arc<Proxy>>, request: Request) -> Response<Body> {
    match gateway::api_path(request.uri().path()).map(str::to_owned) {
        Some(path) => traced_api_call(proxy, path, request).await,
        None => proxy.metrics.service_call(request, |request| service_call(&proxy, request)).await,
    }
}

/// A call to the API and its trace. A caller that leaves ends neither, as on AWS: hence the task.
async fn traced_api_call(proxy: Arc<Proxy>, path: String, mut request: Request) -> Response<Body> {
    let call = tokio::spawn(async move {
        let trace = proxy.traces.begin(&mut request);
        let call = |request| api_call(&proxy, &path, request);
        let mut response = proxy.metrics.api_call(&path, request, call).await;
        proxy.traces.end(&trace, &mut response);
        response
    });
    call.await.unwrap_or_else(|error| {
        message(StatusCode::INTERNAL_SERVER_ERROR, &format!("The stack failed, see its log: {error}"))
    })
}

/// A call to the API, as API Gateway takes it.
async fn api_call(proxy: &Proxy, path: &str, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = match Limited::new(body, gateway::MAX_PAYLOAD_BYTES).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return message(
                StatusCode::PAYLOAD_TOO_LARGE,
                "Request body is too large: API Gateway takes at most 10 MiB",
            );
        }
        Err(error) => return message(StatusCode::BAD_REQUEST, &format!("Request body can't be read: {error}")),
    };
    let method = parts.method.clone();
    let response = forward(proxy, Request::from_parts(parts, Body::from(body.clone()))).await;
    if response.status().is_success() {
        return response;
    }
    let (mut parts, answer) = response.into_parts();
    let answer = match answer.collect().await {
        Ok(answer) => answer.to_bytes(),
        Err(error) => return message(StatusCode::BAD_GATEWAY, &format!("The emulator's answer broke off: {error}")),
    };
    if parts.status == StatusCode::BAD_GATEWAY {
        eprintln!("the API's function failed: {}", String::from_utf8_lossy(&answer));
        return gateway::integration_failure(parts, &proxy.integration_failure);
    }
    match std::str::from_utf8(&answer) {
        Ok(text) if text.contains("$context.") => {
            parts.headers.remove(header::CONTENT_LENGTH);
            Response::from_parts(parts, Body::from(gateway::fill_context(text, &method, path, &body)))
        }
        _ => Response::from_parts(parts, Body::from(answer)),
    }
}

/// A call to a service, by a function or by anybody with credentials.
async fn service_call(proxy: &Proxy, request: Request) -> Response<Body> {
    let fault = signed_for(&request).and_then(|service| proxy.faults.meet(service, operation(&request)));
    let Some(fault) = fault else { return answer(proxy, request).await };
    if let Some(response) = fault.before().await {
        return response;
    }
    let response = answer(proxy, request).await;
    fault.after().await;
    response
}

/// X-Ray is a service of our own, and so is what the emulator lacks of others; all else is the emulator's. X-Ray SDKs ask a daemon
/// for their sampling rules, and sign nothing.
async fn answer(proxy: &Proxy, request: Request) -> Response<Body> {
    let for_xray = match signed_for(&request) {
        Some(service) => service == "xray",
        None => request.method() == Method::POST && xray::is_operation(request.uri().path()),
    };
    if for_xray {
        return proxy.traces.answer(request).await;
    }
    match proxy.saved_queries.answer(request).await {
        Ok(response) => response,
        Err(request) => forward(proxy, request).await,
    }
}

async fn forward(proxy: &Proxy, request: Request) -> Response<Body> {
    if !proxy.emulator_is_up.load(Ordering::Relaxed) {
        return emulator_is_down();
    }
    let (mut parts, body) = request.into_parts();
    let mut target = parts.uri.into_parts();
    target.scheme = Some(uri::Scheme::HTTP);
    target.authority = format!("127.0.0.1:{}", proxy.emulator_port).parse().ok();
    parts.uri = match Uri::from_parts(target) {
        Ok(uri) => uri,
        Err(error) => return message(StatusCode::BAD_REQUEST, &format!("Unusable address: {error}")),
    };
    match proxy.http.request(Request::from_parts(parts, body)).await {
        Ok(response) => response.map(Body::new),
        Err(error) => {
            eprintln!("no answer from the emulator: {error}");
            emulator_is_down()
        }
    }
}

fn emulator_is_down() -> Response<Body> {
    let mut response =
        message(StatusCode::SERVICE_UNAVAILABLE, "The local emulator is down: `make local` starts it again");
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

fn message(status: StatusCode, text: &str) -> Response<Body> {
    let body = Bytes::from(serde_json::json!({"message": text}).to_string());
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}
