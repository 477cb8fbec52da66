//! The X-Ray of the local stack: tools/xray, and the segments that API Gateway and Lambda would write.

mod header;
mod invocation;
mod request;
mod spans;

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use ::xray::{Config, Refused, Stats, Store, segments::ServiceSegment, udp};
use anyhow::{Context as _, Result};
use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderName, Response, header as names},
    response::IntoResponse as _,
};
use suite::LOCAL_ACCOUNT;
use tokio::{net::UdpSocket, sync::oneshot, task::JoinHandle};
use tower::ServiceExt as _;
use uuid::Uuid;

use self::{header::TraceHeader, request::ApiRequest};
use crate::emulator::Invocation;

/// The emulator reports a request as it answers it.
const REPORT_WITHIN: Duration = Duration::from_secs(2);

const TRACE_HEADER: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// The traces of this stack.
#[derive(Debug)]
pub(crate) struct Traces {
    store: Store,
    api: Router,
    /// Where functions send their segments.
    pub(crate) daemon: SocketAddr,
    /// Requests to the API by the id of their function's segment.
    pending: Mutex<HashMap<String, Pending>>,
}

/// What the emulator reports of a request to the API.
#[derive(Debug, Default)]
struct Answer {
    /// The API's name.
    api: Option<String>,
    /// Empty if the gateway refused the request itself.
    invocations: Vec<Invocation>,
}

/// A request that is being answered.
#[derive(Debug)]
struct Pending {
    answer: Answer,
    done: oneshot::Sender<Answer>,
}

/// A request on its way.
#[derive(Debug)]
pub(crate) struct Begun {
    request: ApiRequest,
    report: oneshot::Receiver<Answer>,
}

/// A request that was answered, and whose segments are not written yet.
#[derive(Debug)]
pub(crate) struct Answered {
    request: ApiRequest,
    status: u16,
    content_length: Option<u64>,
    report: oneshot::Receiver<Answer>,
}

impl Traces {
    /// Begins to listen for segments, on a free port of loopback.
    pub(crate) async fn open(region: &str) -> Result<(Self, JoinHandle<std::io::Result<()>>)> {
        let socket = UdpSocket::bind("127.0.0.1:0").await.context("no free UDP port on loopback")?;
        let daemon = socket.local_addr()?;
        let store =
            Store::new(Config { region: region.to_owned(), account_id: LOCAL_ACCOUNT.to_owned(), ..Config::default() });
        let receiver = tokio::spawn(udp::serve(socket, store.clone()));
        Ok((Self { api: ::xray::router(store.clone()), store, daemon, pending: Mutex::default() }, receiver))
    }

    pub(crate) fn stats(&self) -> Stats {
        self.store.stats()
    }

    /// What was refused, by reason.
    pub(crate) fn refused(&self) -> Vec<Refused> {
        self.store.refused()
    }

    /// Datagrams that came faster than they were taken.
    pub(crate) fn kernel_drops(&self) -> Option<u64> {
        udp::kernel_drops(self.daemon)
    }

    /// Was the trace here, and gave way to later ones?
    pub(crate) fn was_evicted(&self, trace_id: &str) -> bool {
        self.store.was_evicted(trace_id)
    }

    /// Spans go to CloudWatch Logs, too, as soon as they are to.
    pub(crate) fn log_spans(&self, logs: aws_sdk_cloudwatchlogs::Client) -> JoinHandle<()> {
        tokio::spawn(spans::write(self.store.records(), logs))
    }

    /// A call of the X-Ray API, or OpenTelemetry's spans.
    pub(crate) async fn answer(&self, request: Request) -> Response<Body> {
        self.api.clone().oneshot(request).await.into_response()
    }

    /// A request to the API begins: it goes on in the client's trace, or in a new one.
    pub(crate) fn begin(&self, request: &mut Request) -> Begun {
        let begun = ApiRequest::begin(request);
        if let Ok(header) = begun.to_function().parse() {
            request.headers_mut().insert(TRACE_HEADER, header);
        }
        let (done, report) = oneshot::channel();
        self.lock().insert(begun.function_id().to_owned(), Pending { answer: Answer::default(), done });
        Begun { request: begun, report }
    }

    /// It was answered; [`Traces::finish`] writes its segments.
    pub(crate) fn end(&self, begun: Begun, response: &mut Response<Body>) -> Answered {
        let Begun { request, report } = begun;
        if let Ok(header) = request.to_client().parse() {
            response.headers_mut().insert(TRACE_HEADER, header);
        }
        let length = response.headers().get(names::CONTENT_LENGTH);
        Answered {
            status: response.status().as_u16(),
            content_length: length.and_then(|length| length.to_str().ok()?.parse().ok()),
            request,
            report,
        }
    }

    /// Waits for what the emulator reports of the request, and writes its segments.
    pub(crate) async fn finish(&self, answered: Answered) {
        let Answered { request, status, content_length, report } = answered;
        let answer = match tokio::time::timeout(REPORT_WITHIN, report).await {
            Ok(Ok(answer)) => answer,
            // It never came to the emulator, or the emulator is gone: what was reported until then counts.
            _ => self.lock().remove(request.function_id()).map(|pending| pending.answer).unwrap_or_default(),
        };
        self.put(&request.segments(&answer, status, content_length));
    }

    /// An invocation has ended: one of a request to the API, or one that no request caused, such as a queue's batch.
    pub(crate) fn invoked(&self, invocation: &Invocation) {
        let header = invocation.trace_header.as_deref().and_then(TraceHeader::parse);
        if let Some(parent) = header.and_then(|header| header.parent)
            && let Some(pending) = self.lock().get_mut(&parent)
        {
            return pending.answer.invocations.push(invocation.clone());
        }
        self.put(&invocation::segments(invocation, None));
    }

    /// The emulator has answered a request to an API.
    pub(crate) fn answered(&self, trace_header: Option<&str>, api: Option<String>) {
        let parent = trace_header.and_then(TraceHeader::parse).and_then(|header| header.parent);
        let Some(Pending { mut answer, done }) = parent.and_then(|parent| self.lock().remove(&parent)) else { return };
        answer.api = api;
        // Whoever waited may have given up.
        let _ = done.send(answer);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Pending>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
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
