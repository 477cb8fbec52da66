//! Every call passes here on its way to the emulator, with its `Host` kept: signatures cover it.

use std::sync::{Arc, atomic::Ordering};

use aws_wire::Protocol;
use axum::{
    Extension, Router,
    body::{Body, Bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderValue, Response, StatusCode, Uri, Version, header, uri},
    middleware::{Next, from_fn_with_state},
    response::IntoResponse as _,
};
use http_body_util::BodyExt as _;

use super::{
    Proxy,
    access::Kind,
    body::{self, Rest, Unread},
    caller::Caller,
    control,
    faults::Effect,
    gateway,
};
use crate::aws_call::{operation, signed_for};

/// Over the largest of any service: a function's package, in base64.
const MAX_CALL_BYTES: usize = 80 * MIB;
const MIB: usize = 1024 * 1024;

pub(super) fn router(proxy: Arc<Proxy>) -> Router {
    let metrics = crate::metrics::router(Arc::clone(&proxy.setup.metrics));
    let gate = from_fn_with_state(Arc::clone(&proxy), gate);
    control::router().fallback(handle).with_state(proxy).merge(metrics).layer(gate)
}

/// What every request passes first, and every answer last.
async fn gate(State(proxy): State<Arc<Proxy>>, mut request: Request, next: Next) -> Response<Body> {
    let rest = Rest::of(&mut request);
    let response = admitted(&proxy, request, next).await;
    rest.drop_unread().await;
    response
}

async fn admitted(proxy: &Proxy, mut request: Request, next: Next) -> Response<Body> {
    as_http_1(&mut request);
    let protocol = protocol(&request);
    let kind = match proxy.access.admit(&request) {
        Ok(kind) => kind,
        Err(refusal) => return refusal.answer(protocol),
    };
    let is_api = matches!(kind, Kind::Api(_));
    if kind == Kind::Service {
        request = match verified(proxy, request, protocol).await {
            Ok(request) => request,
            Err(refused) => return refused,
        };
    }
    request.extensions_mut().insert(kind);
    let mut response = next.run(request).await;
    proxy.access.close(&mut response, is_api);
    response
}

/// HTTP/2 names the host in the address; all behind this speak HTTP/1.
fn as_http_1(request: &mut Request) {
    let host = request.uri().authority().and_then(|authority| HeaderValue::from_str(authority.as_str()).ok());
    if let Some(host) = host.filter(|_| !request.headers().contains_key(header::HOST)) {
        request.headers_mut().insert(header::HOST, host);
    }
    *request.version_mut() = Version::HTTP_11;
}

/// A call whose signature is one of the stack's keys. Its body is covered by the signature: it must be read first.
async fn verified(proxy: &Proxy, request: Request, protocol: Protocol) -> Result<Request, Response<Body>> {
    let (parts, body) = request.into_parts();
    let body = match body::whole(body, MAX_CALL_BYTES).await {
        Ok(body) => body,
        Err(Unread::TooLarge) => {
            let text = format!("The request is too large: the stack takes at most {} MiB", MAX_CALL_BYTES / MIB);
            return Err(message(StatusCode::PAYLOAD_TOO_LARGE, &text));
        }
        Err(Unread::Broken(error)) => {
            return Err(message(StatusCode::BAD_REQUEST, &format!("The request can't be read: {error}")));
        }
    };
    match proxy.access.verify(&parts, &body, &proxy.setup.emulator).await {
        Ok(()) => Ok(Request::from_parts(parts, Body::from(body))),
        Err(refusal) => Err(refusal.answer(protocol)),
    }
}

/// In which a refusal is read.
fn protocol(request: &Request) -> Protocol {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let is_form = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
    match request.uri().path() {
        "/" if is_form => Protocol::Query,
        path if path.contains("/operation/") => Protocol::Cbor,
        _ => Protocol::Json,
    }
}

async fn handle(State(proxy): State<Arc<Proxy>>, Extension(kind): Extension<Kind>, request: Request) -> Response<Body> {
    match kind {
        Kind::Api(path) => traced_api_call(proxy, path, request).await,
        Kind::Daemon => proxy.setup.traces.answer(request).await,
        Kind::Service => proxy.setup.metrics.service_call(request, |request| service_call(&proxy, request)).await,
        Kind::Control => message(StatusCode::NOT_FOUND, "The stack has no such path under /_local"),
    }
}

/// A call to the API and its trace. A caller that leaves ends neither, as on AWS: hence the task.
async fn traced_api_call(proxy: Arc<Proxy>, path: String, mut request: Request) -> Response<Body> {
    let call = tokio::spawn(async move {
        let trace = proxy.setup.traces.begin(&mut request);
        let call = |request| api_call(&proxy, &path, request);
        let mut response = proxy.setup.metrics.api_call(&path, request, call).await;
        let answered = proxy.setup.traces.end(trace, &mut response);
        // The caller does not wait for the trace.
        tokio::spawn(async move { proxy.setup.traces.finish(answered).await });
        response
    });
    call.await.unwrap_or_else(|error| {
        message(StatusCode::INTERNAL_SERVER_ERROR, &format!("The stack failed, see its log: {error}"))
    })
}

/// A call to the API, as API Gateway takes it.
async fn api_call(proxy: &Proxy, path: &str, request: Request) -> Response<Body> {
    if gateway::header_bytes(&request) > gateway::MAX_HEADER_BYTES {
        return message(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "Request header fields are too large: API Gateway takes at most 10240 bytes of request line and headers",
        );
    }
    let (mut parts, body) = request.into_parts();
    let body = match body::whole(body, gateway::MAX_PAYLOAD_BYTES).await {
        Ok(body) => body,
        Err(Unread::TooLarge) => {
            return message(
                StatusCode::PAYLOAD_TOO_LARGE,
                "Request body is too large: API Gateway takes at most 10 MiB",
            );
        }
        Err(Unread::Broken(error)) => {
            return message(StatusCode::BAD_REQUEST, &format!("Request body can't be read: {error}"));
        }
    };
    let body = match gateway::decode(parts.headers.remove(header::CONTENT_ENCODING).as_ref(), body) {
        Ok(body) => body,
        Err(reason) => return message(StatusCode::UNSUPPORTED_MEDIA_TYPE, reason),
    };
    parts.headers.insert(header::CONTENT_LENGTH, body.len().into());
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
    // A function without a free place is API Gateway's own failure; its 429 is for too many requests of clients.
    if parts.status == StatusCode::TOO_MANY_REQUESTS && String::from_utf8_lossy(&answer).contains("Rate Exceeded") {
        eprintln!("the API's function was throttled");
        parts.status = StatusCode::INTERNAL_SERVER_ERROR;
        return gateway::integration_failure(parts, &proxy.setup.integration_failure);
    }
    if parts.status == StatusCode::BAD_GATEWAY {
        eprintln!("the API's function failed: {}", String::from_utf8_lossy(&answer));
        return gateway::integration_failure(parts, &proxy.setup.integration_failure);
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
    let caller = request.extensions().get::<ConnectInfo<Caller>>().map(|ConnectInfo(caller)| caller.clone());
    let response = match fault.effect {
        Effect::Twice => twice(proxy, request).await,
        _ => answer(proxy, request).await,
    };
    if let Some(caller) = caller {
        fault.after(&caller, &proxy.setup.id).await;
    }
    response
}

/// The first answer is the caller's; nobody knows of the second.
async fn twice(proxy: &Proxy, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = match body.collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => {
            return message(StatusCode::BAD_REQUEST, &format!("The request can't be read: {error}"));
        }
    };
    let response = answer(proxy, Request::from_parts(parts.clone(), Body::from(body.clone()))).await;
    answer(proxy, Request::from_parts(parts, Body::from(body))).await;
    response
}

/// X-Ray is a service of our own, and so is what the emulator lacks of others; all else is the emulator's.
async fn answer(proxy: &Proxy, request: Request) -> Response<Body> {
    if signed_for(&request) == Some("xray") {
        return proxy.setup.traces.answer(request).await;
    }
    let request = match proxy.saved_queries.answer(request).await {
        Ok(response) => return response,
        Err(request) => request,
    };
    match proxy.setup.logs.answer(request).await {
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
    target.authority = Some(uri::Authority::from_static("localhost"));
    parts.uri = match Uri::from_parts(target) {
        Ok(uri) => uri,
        Err(error) => return message(StatusCode::BAD_REQUEST, &format!("Unusable address: {error}")),
    };
    match proxy.setup.emulator.request(Request::from_parts(parts, body)).await {
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
