//! Lambda's Runtime API for one function's process: hands out an event when told to, and tells when what came back.

use std::{net::SocketAddr, sync::Arc, time::Instant};

use anyhow::{Context as _, Result};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    Method, Request, Response,
    body::{Bytes, Incoming},
};
use tokio::{
    net::TcpListener,
    sync::{Mutex, mpsc, oneshot},
    task::{JoinHandle, JoinSet},
};

use super::{json, serve_connection};

/// One invocation as the function gets it.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) request_id: String,
    pub(crate) trace: String,
    pub(crate) function_arn: String,
    pub(crate) deadline_ms: i64,
    pub(crate) event: Bytes,
}

/// What the function said.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) at: Instant,
    /// `response`, `error`, or `init/error`.
    pub(crate) kind: &'static str,
    pub(crate) body: Bytes,
}

/// Asks for the next event: what is sent here is its answer.
pub(crate) type Asked = oneshot::Sender<Turn>;

#[derive(Debug)]
pub(crate) struct RuntimeApi {
    pub(crate) address: SocketAddr,
    pub(crate) asked: mpsc::UnboundedReceiver<Asked>,
    pub(crate) answers: mpsc::UnboundedReceiver<Answer>,
    server: JoinHandle<()>,
}

struct Ends {
    asked: mpsc::UnboundedSender<Asked>,
    answers: mpsc::UnboundedSender<Answer>,
}

impl RuntimeApi {
    pub(crate) async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("can't listen on loopback")?;
        let address = listener.local_addr()?;
        let (asked, asked_here) = mpsc::unbounded_channel();
        let (answers, answers_here) = mpsc::unbounded_channel();
        let ends = Arc::new(Ends { asked, answers });
        let server = tokio::spawn(async move {
            // Dropped with the task: then every connection is closed, and the function ends by itself.
            let connections = Mutex::new(JoinSet::new());
            while let Ok((stream, _)) = listener.accept().await {
                let _without_delay = stream.set_nodelay(true);
                let ends = Arc::clone(&ends);
                connections.lock().await.spawn(async move {
                    serve_connection(stream, |request| answer(Arc::clone(&ends), request)).await;
                });
            }
        });
        Ok(Self { address, asked: asked_here, answers: answers_here, server })
    }

    /// Closes every connection: a runtime that can't ask for more ends, with its exit handlers run.
    pub(crate) fn close(&self) {
        self.server.abort();
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.close();
    }
}

async fn answer(ends: Arc<Ends>, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let path = request.uri().path().to_owned();
    if request.method() == Method::GET && path.ends_with("/runtime/invocation/next") {
        return next(&ends).await;
    }
    let kind = match path.rsplit_once("/runtime/").map(|(_, rest)| rest) {
        Some(rest) if rest.ends_with("/response") => "response",
        Some("init/error") => "init/error",
        Some(rest) if rest.ends_with("/error") => "error",
        // Restore hooks and the like, which only some runtimes know.
        _ => return json(404, "{}"),
    };
    let Ok(body) = request.into_body().collect().await else { return json(400, "{}") };
    let _nobody_waits = ends.answers.send(Answer { at: Instant::now(), kind, body: body.to_bytes() });
    json(202, r#"{"status":"OK"}"#)
}

async fn next(ends: &Ends) -> Response<Full<Bytes>> {
    let (sender, turn) = oneshot::channel();
    let _nobody_waits = ends.asked.send(sender);
    // Dropped by whoever measures: the function is no longer needed.
    let Ok(turn) = turn.await else { return json(410, "{}") };
    let mut response = json(200, turn.event);
    let headers = response.headers_mut();
    for (name, value) in [
        ("lambda-runtime-aws-request-id", turn.request_id),
        ("lambda-runtime-deadline-ms", turn.deadline_ms.to_string()),
        ("lambda-runtime-trace-id", turn.trace),
        ("lambda-runtime-invoked-function-arn", turn.function_arn),
    ] {
        if let Ok(value) = value.parse() {
            headers.insert(name, value);
        }
    }
    response
}
