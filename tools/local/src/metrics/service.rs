//! What the stack does with calls on their way: answers those on metrics, and learns from the others.

use std::{future::Future, sync::Arc, time::Instant};

use ::alarms::service::Event;
use aws_wire::{ApiError, Call, Output};
use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{Request, State as Shared},
    http::{Response, StatusCode},
    response::IntoResponse as _,
    routing::get,
};
use cloudwatch::{
    Recorder as _,
    api::{self, SERVICE},
};
use http_body_util::{BodyExt as _, Limited};
use serde_json::{Value, json};

use super::{Metrics, image, sources};
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
    let store = state.alarms.store();
    let refused: serde_json::Map<_, _> =
        store.refused().map(|(reason, count)| (format!("{reason:?}"), json!(count))).collect();
    Json(json!({
        "now": metrics.clock.now(),
        "timeScale": metrics.clock.scale(),
        "metrics": store.metrics().count(),
        "refused": refused,
        "periodsWithoutPercentiles": store.crowded(),
    }))
}

impl Metrics {
    /// A call to a service; `next` is what would become of it.
    pub(crate) async fn service_call<F>(&self, request: Request, next: impl FnOnce(Request) -> F) -> Response<Body>
    where
        F: Future<Output = Response<Body>>,
    {
        match signed_for(&request) {
            Some("monitoring") => self.cloudwatch_call(request).await,
            Some("dynamodb") => self.dynamodb_call(request, next).await,
            _ => next(request).await,
        }
    }

    /// CloudWatch is this service, and no other: what it does not know is refused.
    async fn cloudwatch_call(&self, request: Request) -> Response<Body> {
        let (parts, body) = match read(request).await {
            Ok(read) => read,
            Err(refusal) => return refusal,
        };
        let call = match SERVICE.read(parts.uri.path(), &parts.headers, &body) {
            Ok(call) => call,
            Err(refusal) => return refusal.into(),
        };
        if call.operation == image::OPERATION {
            return self.widget_image(&call);
        }
        let (result, event) = self.cloudwatch_operation(&call);
        if let Some(event) = event {
            self.events.send_and_wait(event).await;
        }
        call.reply(result).into()
    }

    fn widget_image(&self, call: &Call) -> Response<Body> {
        let drawn = image::Request::read(&self.region, &call.input, self.clock.now_seconds()).and_then(|request| {
            let answer = request.answer(&mut self.lock().alarms)?;
            // Drawing takes a while, and needs nothing of the service.
            request.draw(&answer)
        });
        match drawn {
            Ok(image::Drawn::Member(output)) => call.reply(Ok(output)).into(),
            Ok(image::Drawn::Body(response)) => response,
            Err(refusal) => call.reply(Err(refusal)).into(),
        }
    }

    fn cloudwatch_operation(&self, call: &Call) -> (Result<Output, ApiError>, Option<Event>) {
        let now = self.clock.now_seconds();
        let state = &mut *self.lock();
        let (operation, input) = (call.operation.as_str(), &call.input);
        if let Some(result) = api::run(&mut state.alarms, operation, input, now) {
            return (result, None);
        }
        if let Some(result) = state.dashboards.run(operation, input, now) {
            return (result, None);
        }
        match state.alarms.run(operation, input, now) {
            Some(answer) => (answer.result, answer.event),
            None => {
                let text = format!("The action {operation} is not supported on this machine");
                (Err(ApiError::new(400, "InvalidAction", text)), None)
            }
        }
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
