//! What stands around a function on Lambda, on loopback: the Runtime API, the AWS services it calls, and the X-Ray daemon.

pub(crate) mod aws;
pub(crate) mod runtime_api;
pub(crate) mod tls;
pub(crate) mod xray;

use std::convert::Infallible;

use http_body_util::Full;
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

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
