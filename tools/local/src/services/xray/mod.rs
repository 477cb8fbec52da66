//! The X-Ray of the local stack: tools/xray, and the segments that API Gateway and Lambda would write.

mod header;
mod invocation;
mod request;

use std::{
    net::SocketAddr,
    time::{SystemTime, UNIX_EPOCH},
};

use ::xray::{Config, Stats, Store, segments::ServiceSegment, udp};
use anyhow::{Context as _, Result};
use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderName, Response},
    response::IntoResponse as _,
};
use serde::Deserialize;
use tokio::{net::UdpSocket, task::JoinHandle};
use tower::ServiceExt as _;
use uuid::Uuid;

use header::TraceHeader;
pub(crate) use invocation::Invocation;
use request::ApiRequest;
use suite::LOCAL_ACCOUNT;

const TRACE_HEADER: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// What `emulator/launch.py` adds to the API's answers.
const ANSWER_HEADER: HeaderName = HeaderName::from_static("x-local-invocations");

/// The traces of this stack.
#[derive(Debug)]
pub(crate) struct Traces {
    store: Store,
    api: Router,
    /// Where functions send their segments.
    pub(crate) daemon: SocketAddr,
}

/// What the emulator tells of a request to the API.
#[derive(Debug, Default, Deserialize)]
struct Answer {
    /// The API's name.
    api: Option<String>,
    /// Empty if the gateway refused the request itself.
    invocations: Vec<Invocation>,
}

impl Traces {
    /// Begins to listen for segments, on a free port of loopback.
    pub(crate) async fn open(region: &str) -> Result<(Self, JoinHandle<std::io::Result<()>>)> {
        let socket = UdpSocket::bind("127.0.0.1:0").await.context("no free UDP port on loopback")?;
        let daemon = socket.local_addr()?;
        let store =
            Store::new(Config { region: region.to_owned(), account_id: LOCAL_ACCOUNT.to_owned(), ..Config::default() });
        let receiver = tokio::spawn(udp::serve(socket, store.clone()));
        Ok((Self { api: ::xray::router(store.clone()), store, daemon }, receiver))
    }

    pub(crate) fn stats(&self) -> Stats {
        self.store.stats()
    }

    /// A call of the X-Ray API.
    pub(crate) async fn answer(&self, request: Request) -> Response<Body> {
        self.api.clone().oneshot(request).await.into_response()
    }

    /// A request to the API begins: it goes on in the client's trace, or in a new one.
    pub(crate) fn begin(&self, request: &mut Request) -> ApiRequest {
        let begun = ApiRequest::begin(request);
        if let Ok(header) = begun.to_function().parse() {
            request.headers_mut().insert(TRACE_HEADER, header);
        }
        begun
    }

    /// It was answered.
    pub(crate) fn end(&self, request: &ApiRequest, response: &mut Response<Body>) {
        let answer = response.headers_mut().remove(ANSWER_HEADER);
        let answer = answer.map_or_else(Answer::default, |text| {
            serde_json::from_slice(text.as_bytes()).unwrap_or_else(|error| {
                eprintln!("the emulator's word on a request can't be read: {error}");
                Answer::default()
            })
        });
        if let Ok(header) = request.to_client().parse() {
            response.headers_mut().insert(TRACE_HEADER, header);
        }
        self.put(&request.segments(&answer, response));
    }

    /// An invocation that no request to the API caused: a queue's batch, for one.
    pub(crate) fn add_invocation(&self, invocation: &Invocation) {
        self.put(&invocation.segments(None));
    }

    fn put(&self, segments: &[ServiceSegment]) {
        for segment in segments {
            for refused in self.store.put(&segment.document()) {
                eprintln!("the stack's own segment was refused: {refused:?}");
            }
        }
    }
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

fn new_span_id() -> String {
    Uuid::new_v4().simple().to_string().split_off(16)
}

fn new_trace_id() -> String {
    let random = Uuid::new_v4().simple().to_string();
    format!("1-{:08x}-{}", now() as u32, &random[8..])
}

#[cfg(test)]
mod tests;
