//! SQS and DynamoDB as far as the functions call them, by HTTP and by TLS. What they shall answer can be told in advance.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::{Context as _, Result};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
};
use md5::{Digest as _, Md5};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::{serve_connection, tls};

/// What a call is answered with instead of success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Too many calls.
    Throttled,
    /// There is an item with this key: the one that was stored last.
    Exists,
    /// There is an item with this key, of another order.
    Conflicts,
}

/// A message as it was sent.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) body: String,
    /// As SendMessage carries them.
    pub(crate) attributes: Value,
    pub(crate) trace_header: Option<String>,
}

#[derive(Debug, Default)]
struct State {
    faults: VecDeque<Fault>,
    sent: Option<Sent>,
    stored: Option<Value>,
    calls: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct Aws {
    pub(crate) http: SocketAddr,
    pub(crate) https: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Aws {
    /// Starts both listeners; the bundles become files of roots to trust, for peers and for our functions.
    pub(crate) async fn start(bundle: &Path, own_bundle: &Path) -> Result<Self> {
        let acceptor = tls::acceptor(bundle, own_bundle)?;
        let plain = TcpListener::bind(("127.0.0.1", 0)).await.context("can't listen on loopback")?;
        let secure = TcpListener::bind(("127.0.0.1", 0)).await.context("can't listen on loopback")?;
        let aws = Self { http: plain.local_addr()?, https: secure.local_addr()?, state: Arc::default() };
        let state = Arc::clone(&aws.state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = plain.accept().await {
                tokio::spawn(connection(stream, None, Arc::clone(&state)));
            }
        });
        let state = Arc::clone(&aws.state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = secure.accept().await {
                tokio::spawn(connection(stream, Some(acceptor.clone()), Arc::clone(&state)));
            }
        });
        Ok(aws)
    }

    /// The next calls' answers, one each; then all succeed again.
    pub(crate) fn expect(&self, faults: &[Fault]) {
        self.state().faults = faults.iter().copied().collect();
    }

    /// The last message that was sent.
    pub(crate) fn sent(&self) -> Option<Sent> {
        self.state().sent.clone()
    }

    /// Calls so far.
    pub(crate) fn calls(&self) -> u64 {
        self.state().calls
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn connection(stream: TcpStream, tls: Option<TlsAcceptor>, state: Arc<Mutex<State>>) {
    let _without_delay = stream.set_nodelay(true);
    let answer = |request| answer(Arc::clone(&state), request);
    match tls {
        None => serve_connection(stream, answer).await,
        Some(tls) => {
            if let Ok(stream) = tls.accept(stream).await {
                serve_connection(stream, answer).await;
            }
        }
    }
}

async fn answer(state: Arc<Mutex<State>>, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let target = request.headers().get("x-amz-target").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let Ok(body) = request.into_body().collect().await.map(http_body_util::Collected::to_bytes) else {
        return respond(400, &json!({}));
    };
    let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
    state.calls += 1;
    let operation = target.as_deref().and_then(|target| target.rsplit_once('.')).map(|(_, operation)| operation);
    match (state.faults.pop_front(), operation) {
        (Some(Fault::Throttled), Some("PutItem")) => respond(
            400,
            &json!({"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException", "message": "Rate exceeded"}),
        ),
        (Some(Fault::Throttled), _) => {
            respond(400, &json!({"__type": "com.amazonaws.sqs#RequestThrottled", "message": "Rate exceeded"}))
        }
        (Some(fault), _) => exists(fault, state.stored.as_ref()),
        (None, Some("SendMessage")) => send_message(&mut state, &body),
        (None, Some("ChangeMessageVisibility")) => respond(200, &json!({})),
        // Of the record of a key: that it was enqueued.
        (None, Some("UpdateItem")) => respond(200, &json!({"Attributes": {"enqueued": {"BOOL": false}}})),
        (None, Some("PutItem")) => {
            if let Ok(Value::Object(mut call)) = serde_json::from_slice(&body) {
                state.stored = call.remove("Item");
            }
            respond(200, &json!({}))
        }
        (None, _) => respond(
            400,
            &json!({"__type": "com.amazonaws.sqs#UnsupportedOperation",
                    "message": format!("the benchmark's AWS has no {target:?}")}),
        ),
    }
}

fn exists(fault: Fault, stored: Option<&Value>) -> Response<Full<Bytes>> {
    let mut item = stored.cloned().unwrap_or_default();
    if fault == Fault::Conflicts {
        item["payloadHash"] = json!({"S": "sha256:of another order"});
    }
    respond(
        400,
        &json!({"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
                "message": "The conditional request failed", "Item": item}),
    )
}

fn send_message(state: &mut State, body: &[u8]) -> Response<Full<Bytes>> {
    let Ok(mut call) = serde_json::from_slice::<Value>(body) else {
        return respond(400, &json!({"__type": "com.amazonaws.sqs#InvalidMessageContents"}));
    };
    let text = call["MessageBody"].as_str().unwrap_or_default().to_owned();
    // SDKs compare it.
    let digest: String = Md5::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
    state.sent = Some(Sent {
        body: text,
        attributes: call["MessageAttributes"].take(),
        trace_header: call["MessageSystemAttributes"]["AWSTraceHeader"]["StringValue"].as_str().map(str::to_owned),
    });
    respond(200, &json!({"MessageId": "0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f9", "MD5OfMessageBody": digest}))
}

fn respond(status: u16, body: &Value) -> Response<Full<Bytes>> {
    let mut response = super::json(status, body.to_string());
    let headers = response.headers_mut();
    headers.insert("content-type", hyper::header::HeaderValue::from_static("application/x-amz-json-1.0"));
    headers.insert("x-amzn-requestid", hyper::header::HeaderValue::from_static("5a1d4c9e-7b62-4d0f-9a37-2c8e6f1b0d43"));
    response
}
