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

use super::{Plane, control, gateway};

pub(super) fn router(plane: Arc<Plane>) -> Router {
    let metrics = crate::metrics::router(Arc::clone(&plane.metrics));
    control::router().fallback(handle).with_state(plane).merge(metrics)
}

async fn handle(State(plane): State<Arc<Plane>>, request: Request) -> Response<Body> {
    match gateway::api_path(request.uri().path()).map(str::to_owned) {
        Some(path) => traced_api_call(plane, path, request).await,
        None => plane.metrics.service_call(request, |request| service_call(&plane, request)).await,
    }
}

/// A call to the API and its trace. A caller that leaves ends neither, as on AWS: hence the task.
async fn traced_api_call(plane: Arc<Plane>, path: String, mut request: Request) -> Response<Body> {
    let call = tokio::spawn(async move {
        let trace = plane.traces.begin(&mut request);
        let call = |request| api_call(&plane, &path, request);
        let mut response = plane.metrics.api_call(&path, request, call).await;
        plane.traces.end(&trace, &mut response);
        response
    });
    call.await.unwrap_or_else(|error| {
        message(StatusCode::INTERNAL_SERVER_ERROR, &format!("The plane failed, see its log: {error}"))
    })
}

/// A call to the API, as API Gateway takes it.
async fn api_call(plane: &Plane, path: &str, request: Request) -> Response<Body> {
    let (mut parts, body) = request.into_parts();
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
    let body = match gateway::decode(parts.headers.remove(header::CONTENT_ENCODING).as_ref(), body) {
        Ok(body) => body,
        Err(reason) => return message(StatusCode::UNSUPPORTED_MEDIA_TYPE, reason),
    };
    parts.headers.insert(header::CONTENT_LENGTH, body.len().into());
    let method = parts.method.clone();
    let response = forward(plane, Request::from_parts(parts, Body::from(body.clone()))).await;
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
        return gateway::integration_failure(parts, &plane.integration_failure);
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
async fn service_call(plane: &Plane, request: Request) -> Response<Body> {
    let fault = signed_for(&request).and_then(|service| plane.faults.meet(service, operation(&request)));
    let Some(fault) = fault else { return answer(plane, request).await };
    if let Some(response) = fault.before().await {
        return response;
    }
    let response = answer(plane, request).await;
    fault.after().await;
    response
}

/// X-Ray is the plane's own, and what the emulator lacks of other services; all else is the emulator's. X-Ray SDKs ask a daemon
/// for their sampling rules, and sign nothing.
async fn answer(plane: &Plane, request: Request) -> Response<Body> {
    let for_xray = match signed_for(&request) {
        Some(service) => service == "xray",
        None => request.method() == Method::POST && xray::is_operation(request.uri().path()),
    };
    if for_xray {
        return plane.traces.answer(request).await;
    }
    match plane.saved_queries.answer(request).await {
        Ok(response) => response,
        Err(request) => forward(plane, request).await,
    }
}

async fn forward(plane: &Plane, request: Request) -> Response<Body> {
    if !plane.emulator_is_up.load(Ordering::Relaxed) {
        return emulator_is_down();
    }
    let (mut parts, body) = request.into_parts();
    let mut target = parts.uri.into_parts();
    target.scheme = Some(uri::Scheme::HTTP);
    target.authority = format!("127.0.0.1:{}", plane.emulator_port).parse().ok();
    parts.uri = match Uri::from_parts(target) {
        Ok(uri) => uri,
        Err(error) => return message(StatusCode::BAD_REQUEST, &format!("Unusable address: {error}")),
    };
    match plane.http.request(Request::from_parts(parts, body)).await {
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

/// The service in a signature's scope: `Credential=<key>/<date>/<region>/<service>/aws4_request`.
pub(crate) fn signed_for(request: &Request) -> Option<&str> {
    let authorization = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    authorization.split_once("Credential=")?.1.split('/').nth(3)
}

/// The operation of AWS's JSON protocols: `X-Amz-Target: AmazonSQS.SendMessage`.
pub(crate) fn operation(request: &Request) -> Option<&str> {
    Some(request.headers().get("x-amz-target")?.to_str().ok()?.rsplit_once('.')?.1)
}
