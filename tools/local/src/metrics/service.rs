//! What the stack does with calls on their way: answers those on metrics, and learns from the others.

use std::{future::Future, sync::Arc, time::Instant};

use ::alarms::model::State;
use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{Request, State as Shared},
    http::{HeaderName, HeaderValue, Response, StatusCode},
    response::IntoResponse as _,
    routing::get,
};
use http_body_util::{BodyExt as _, Limited};
use metric_plane::api::{self, ApiError, OPERATIONS, Out, Reply};
use serde_json::{Value, json};

use super::{Metrics, sources};
use crate::aws_call::{operation, signed_for};

/// The clock of this stack's metrics, and what was not kept.
const METRICS: &str = "/_local/metrics";
/// Over the largest request of any service that is looked into (DynamoDB, 16 MB).
const MAX_BODY: usize = 20 * 1024 * 1024;

pub(crate) fn router(metrics: Arc<Metrics>) -> Router {
    Router::new().route(METRICS, get(tell)).with_state(metrics)
}

async fn tell(Shared(metrics): Shared<Arc<Metrics>>) -> Json<Value> {
    let state = metrics.lock();
    let refused: serde_json::Map<_, _> =
        state.store.refused().map(|(reason, count)| (format!("{reason:?}"), json!(count))).collect();
    Json(json!({
        "now": metrics.clock.now(),
        "timeScale": metrics.clock.scale(),
        "metrics": state.store.metrics().count(),
        "refused": refused,
        "periodsWithoutPercentiles": state.store.crowded(),
    }))
}

impl Metrics {
    /// A call to a service; `next` is what would become of it.
    pub(crate) async fn service_call<F>(&self, request: Request, next: impl FnOnce(Request) -> F) -> Response<Body>
    where
        F: Future<Output = Response<Body>>,
    {
        match signed_for(&request) {
            Some("monitoring") => self.monitoring_call(request, next).await,
            Some("dynamodb") => self.dynamodb_call(request, next).await,
            _ => next(request).await,
        }
    }

    async fn monitoring_call<F>(&self, request: Request, next: impl FnOnce(Request) -> F) -> Response<Body>
    where
        F: Future<Output = Response<Body>>,
    {
        let (parts, body) = match read(request).await {
            Ok(read) => read,
            Err(refusal) => return refusal,
        };
        match api::operation(parts.uri.path(), &parts.headers, &body) {
            Some((_, operation)) if OPERATIONS.contains(&operation.as_str()) => {
                let now = self.clock.now_seconds();
                let mut state = self.lock();
                let (reply, points) = api::answer(&mut state.store, parts.uri.path(), &parts.headers, &body, now);
                for point in points {
                    state.evaluator.push(&point.key, Some(&point.unit), point.at, &point.sample);
                }
                return response(reply);
            }
            Some((_, operation)) if operation == "SetAlarmState" => match self.set_alarm_state(&parts, &body).await {
                Ok(Some(reply)) | Err(reply) => return response(reply),
                Ok(None) => {}
            },
            _ => {}
        }
        next(Request::from_parts(parts, Body::from(body))).await
    }

    /// By a client, for a drill; `None` if the alarm is not of the catalogue.
    async fn set_alarm_state(&self, parts: &axum::http::request::Parts, body: &[u8]) -> Result<Option<Reply>, Reply> {
        let (protocol, operation, input) = api::read(parts.uri.path(), &parts.headers, body)?;
        let text = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default();
        let refuse =
            |message: &str| api::reply(protocol, &operation, Err(ApiError::new(400, "ValidationError", message)));
        let name = text("AlarmName");
        if self.lock().evaluator.state(name).is_none() {
            return Ok(None);
        }
        let Some(to) = State::parse(text("StateValue")) else {
            return Err(refuse("StateValue is OK, ALARM or INSUFFICIENT_DATA"));
        };
        if text("StateReason").is_empty() {
            return Err(refuse("StateReason is missing"));
        }
        let transition = self.lock().evaluator.set_state(name, to, text("StateReason"));
        if let Some(transition) = transition {
            self.publisher.send_and_wait(transition).await;
        }
        Ok(Some(api::reply(protocol, &operation, Ok(Out::Map(Vec::new())))))
    }

    async fn dynamodb_call<F>(&self, request: Request, next: impl FnOnce(Request) -> F) -> Response<Body>
    where
        F: Future<Output = Response<Body>>,
    {
        let Some(operation) = operation(&request).map(str::to_owned) else { return next(request).await };
        let (parts, body) = match read(request).await {
            Ok(read) => read,
            Err(refusal) => return refusal,
        };
        let (at, begun) = (self.clock.now(), Instant::now());
        let answer = next(Request::from_parts(parts, Body::from(body.clone()))).await;
        let ms = begun.elapsed().as_secs_f64() * 1000.0;
        let status = answer.status().as_u16();
        let (answer, error) = if status < 300 { (answer, None) } else { error_code(answer).await };
        self.record(&sources::dynamodb_call(at, &operation, &body, status, error.as_deref(), ms));
        answer
    }

    /// A call to the API: `/restapis/<id>/<stage>/_user_request_/<path>`.
    pub(crate) async fn api_call<F>(
        self: &Arc<Self>,
        path: &str,
        request: Request,
        next: impl FnOnce(Request) -> F,
    ) -> Response<Body>
    where
        F: Future<Output = Response<Body>>,
    {
        let mut parts = request.uri().path().split('/').skip(2);
        let (id, stage) = (parts.next().unwrap_or_default().to_owned(), parts.next().map(str::to_owned));
        let (method, path) = (request.method().to_string(), path.to_owned());
        let (at, begun) = (self.clock.now(), Instant::now());
        let response = next(request).await;
        let (ms, status) = (begun.elapsed().as_secs_f64() * 1000.0, response.status().as_u16());
        // The caller does not wait for what the emulator must be asked first.
        let metrics = Arc::clone(self);
        tokio::spawn(async move {
            let place = metrics.apis.place(&id, stage.as_deref(), Some(&path), Some(&method)).await;
            metrics.record(&sources::api_call(at, &place, status, ms));
        });
        response
    }
}

async fn read(request: Request) -> Result<(axum::http::request::Parts, Bytes), Response<Body>> {
    let (parts, body) = request.into_parts();
    match Limited::new(body, MAX_BODY).collect().await {
        Ok(body) => Ok((parts, body.to_bytes())),
        Err(error) => {
            let text =
                json!({"__type": "SerializationException", "message": format!("the body can't be read: {error}")});
            Err((StatusCode::BAD_REQUEST, Json(text)).into_response())
        }
    }
}

/// The code of an error in AWS's JSON protocols: `{"__type": "com.amazonaws...#ConditionalCheckFailedException"}`.
async fn error_code(answer: Response<Body>) -> (Response<Body>, Option<String>) {
    let (parts, body) = answer.into_parts();
    let body = match body.collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => {
            eprintln!("metrics: the emulator's answer broke off: {error}");
            Bytes::new()
        }
    };
    let value: Value = serde_json::from_slice(&body).unwrap_or_default();
    let code = value["__type"].as_str().and_then(|text| text.rsplit('#').next()).map(str::to_owned);
    (Response::from_parts(parts, Body::from(body)), code)
}

fn response(reply: Reply) -> Response<Body> {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}
