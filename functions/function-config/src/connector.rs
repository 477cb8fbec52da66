//! The way to AWS: one connector for every client, whose first connection is opened while the function starts.
//!
//! The roots that AWS's endpoints chain to are in the binary; loading and parsing the system's hundred and more costs as much as
//! everything else a start does. Should a chain end in none of ours, the system's are asked, once and for all.

use std::{
    error::Error,
    fmt, io,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::{
    Connector,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::HttpRequest,
    result::ConnectorError,
};
use aws_smithy_types::byte_stream::ByteStream;
use rustls::CertificateError;
use tokio::sync::watch;

/// See `data/amazon-roots.pem` for where they are from.
const AMAZON_ROOTS: &[u8] = include_bytes!("../data/amazon-roots.pem");

/// Who set one of these has chosen the roots to trust.
const CHOSEN_ROOTS: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// What all clients of a function share.
#[derive(Debug, Clone)]
pub(crate) struct AwsConnector(Arc<Inner>);

struct Inner {
    first: SharedHttpConnector,
    /// Its chain was known, so that no request need be kept for a second try.
    trusted: AtomicBool,
    system: OnceLock<SharedHttpConnector>,
    build_system: Box<dyn Fn() -> SharedHttpConnector + Send + Sync>,
    /// True while the first connection is being opened.
    opening: watch::Sender<bool>,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").field("trusted", &self.trusted).finish_non_exhaustive()
    }
}

impl AwsConnector {
    pub(crate) fn new(connect_timeout: Duration) -> Self {
        let chosen = CHOSEN_ROOTS.iter().any(|name| std::env::var_os(name).is_some());
        let first = if chosen { TrustStore::default() } else { amazon_roots() };
        Self::of(build(first, connect_timeout), move || build(TrustStore::default(), connect_timeout))
    }

    fn of(first: SharedHttpConnector, build_system: impl Fn() -> SharedHttpConnector + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner {
            first,
            trusted: false.into(),
            system: OnceLock::new(),
            build_system: Box::new(build_system),
            opening: watch::Sender::new(false),
        }))
    }

    /// Begins to open a connection, for the first call to find it open: name, TCP and TLS need no permission, and no answer to a bare
    /// request is wrong. Whether it succeeds is the first call's to find out.
    pub(crate) fn open(&self, endpoint: &str) {
        let Ok(request) = HttpRequest::get(endpoint) else { return };
        self.0.opening.send_replace(true);
        let this = self.clone();
        tokio::spawn(async move {
            if let Ok(response) = this.send(request).await {
                // Read to its end, or the connection is not to be used again.
                let _unread = ByteStream::new(response.into_body()).collect().await;
            }
            this.0.opening.send_replace(false);
        });
    }

    /// The connection under way is worth waiting for: another one would do the same work once more. The operation's own time limit
    /// bounds the wait.
    async fn opened(&self) {
        if *self.0.opening.borrow() {
            // The sender is in `self`.
            let _ = self.0.opening.subscribe().wait_for(|opening| !opening).await;
        }
    }

    async fn send(
        &self,
        request: HttpRequest,
    ) -> Result<aws_smithy_runtime_api::client::orchestrator::HttpResponse, ConnectorError> {
        if let Some(system) = self.0.system.get() {
            return system.call(request).await;
        }
        let again = request.try_clone();
        match (self.0.first.call(request).await, again) {
            (Err(error), Some(again)) if is_unknown_issuer(&error) => {
                self.0.system.get_or_init(|| (self.0.build_system)()).call(again).await
            }
            (result, _) => {
                self.0.trusted.fetch_or(result.is_ok(), Ordering::Relaxed);
                result
            }
        }
    }
}

impl HttpConnector for AwsConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if self.0.trusted.load(Ordering::Relaxed) {
            return self.0.first.call(request);
        }
        let this = self.clone();
        HttpConnectorFuture::new(async move {
            this.opened().await;
            this.send(request).await
        })
    }
}

fn amazon_roots() -> TrustStore {
    TrustStore::empty().with_pem_certificate(AMAZON_ROOTS)
}

/// ring instead of the default aws-lc: see the project's `Cargo.toml`.
fn build(roots: TrustStore, connect_timeout: Duration) -> SharedHttpConnector {
    let builder = Connector::builder()
        .connector_settings(HttpConnectorSettings::builder().connect_timeout(connect_timeout).build())
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .tls_provider(Provider::Rustls(CryptoMode::Ring));
    let builder = match TlsContext::builder().with_trust_store(roots).build() {
        Ok(context) => builder.tls_context(context),
        // A context with a trust store always builds; were it not so, the system's roots do.
        Err(_) => builder,
    };
    SharedHttpConnector::new(builder.build())
}

fn is_unknown_issuer(error: &(dyn Error + 'static)) -> bool {
    const UNKNOWN: rustls::Error = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
    if let Some(error) = error.downcast_ref::<rustls::Error>() {
        return *error == UNKNOWN;
    }
    // An I/O error hides the one it was made of from `source`.
    let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    inner.is_some_and(|inner| is_unknown_issuer(inner)) || error.source().is_some_and(is_unknown_issuer)
}

#[cfg(test)]
mod tests;
