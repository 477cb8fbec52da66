//! The way to the emulator: HTTP over a unix socket in the stack's own folder, which no page and no other user can open.

use std::{
    fs::File,
    future::Future,
    io,
    os::fd::AsRawFd as _,
    path::Path,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use anyhow::Context as _;
use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
            SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    shared::IntoShared as _,
};
use aws_smithy_types::body::SdkBody;
use axum::{body::Body, http::Uri};
use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioIo},
};
use tokio::net::UnixStream;
use tower::Service;

/// As `server.py` names it.
const SOCKET: &str = "emulator.sock";

/// Requests to the emulator.
pub(crate) type EmulatorClient = Client<Socket, Body>;

/// Connects to the socket in a folder. The folder is held open: a path may be too long for a socket's address.
#[derive(Debug, Clone)]
pub(crate) struct Socket(Arc<File>);

pub(crate) fn client(folder: &Path) -> anyhow::Result<EmulatorClient> {
    let folder = File::open(folder).with_context(|| format!("can't open {}", folder.display()))?;
    Ok(Client::builder(TokioExecutor::new())
        // Shorter than the emulator keeps them.
        .pool_idle_timeout(Duration::from_secs(30))
        .build(Socket(Arc::new(folder))))
}

impl Service<Uri> for Socket {
    type Response = TokioIo<UnixStream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let folder = Arc::clone(&self.0);
        Box::pin(async move {
            let path = format!("/proc/self/fd/{}/{SOCKET}", folder.as_raw_fd());
            Ok(TokioIo::new(UnixStream::connect(path).await?))
        })
    }
}

/// The same way for AWS clients.
#[derive(Debug, Clone)]
struct SdkOverSocket(EmulatorClient);

pub(crate) fn sdk_client(client: EmulatorClient) -> SharedHttpClient {
    SdkOverSocket(client).into_shared()
}

impl HttpClient for SdkOverSocket {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for SdkOverSocket {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.0.clone();
        HttpConnectorFuture::new(async move {
            let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
            let response =
                client.request(request.map(Body::new)).await.map_err(|error| ConnectorError::io(error.into()))?;
            HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}
