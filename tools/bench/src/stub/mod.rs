//! What stands around a function on Lambda, on loopback: the Runtime API, the AWS services it calls, and the X-Ray daemon.

pub(crate) mod aws;
pub(crate) mod runtime_api;
pub(crate) mod tls;
pub(crate) mod xray;

use std::{convert::Infallible, path::PathBuf};

use anyhow::{Context as _, Result};
use http_body_util::Full;
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncWrite};

use self::{aws::Aws, xray::Daemon};

/// What stands around all functions.
#[derive(Debug)]
pub(crate) struct Surroundings {
    pub(crate) aws: Aws,
    pub(crate) xray: Daemon,
    folder: TempDir,
}

impl Surroundings {
    pub(crate) async fn start() -> Result<Self> {
        let folder = tempfile::tempdir().context("can't make a temporary folder")?;
        let aws = Aws::start(&folder.path().join("roots.pem"), &folder.path().join("own-roots.pem")).await?;
        Ok(Self { aws, xray: Daemon::start().await?, folder })
    }

    /// A file for the log of one more function.
    pub(crate) fn log(&self) -> PathBuf {
        self.folder.path().join(format!("{}.log", uuid::Uuid::new_v4()))
    }

    /// What to trust: of our functions, or of a peer.
    pub(crate) fn roots(&self, own: bool) -> PathBuf {
        self.folder.path().join(if own { "own-roots.pem" } else { "roots.pem" })
    }
}

/// How AWS is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    Http,
    Https,
}

/// Answers the requests of one connection until it is closed.
pub(crate) async fn serve_connection<S, F>(stream: S, answer: impl Fn(Request<Incoming>) -> F)
where
    S: AsyncRead + AsyncWrite + Unpin,
    F: Future<Output = Response<Full<Bytes>>>,
{
    let service = service_fn(|request| {
        let response = answer(request);
        async move { Ok::<_, Infallible>(response.await) }
    });
    // A client that goes away in the middle is a function that was stopped: who stopped it knows.
    let _ended = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// A response of JSON.
pub(crate) fn json(status: u16, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert("content-type", hyper::header::HeaderValue::from_static("application/json"));
    response
}
