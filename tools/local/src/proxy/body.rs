//! Bodies of requests, each to its service's limit, and what nobody has read of them.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::header,
};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

/// How much of a body that nobody wants is still read, and for how long.
const MAX_LINGER_BYTES: usize = 256 * 1024 * 1024;
const MAX_LINGER: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) enum Unread {
    TooLarge,
    Broken(axum::Error),
}

/// The whole of a body.
pub(super) async fn whole(body: Body, limit: usize) -> Result<Bytes, Unread> {
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Unread::TooLarge),
        Err(error) => Err(Unread::Broken(axum::Error::new(error))),
    }
}

/// What a request is refused without, or before its end: a client that still sends when the connection closes sees a broken pipe, not
/// the answer that says why.
#[derive(Debug, Clone)]
pub(super) struct Rest {
    body: Arc<Mutex<Body>>,
    /// Its client sends a body only to who begins to read it.
    waits: bool,
}

impl Rest {
    /// From now on the request's body is shared with whoever reads the request.
    pub(super) fn of(request: &mut Request) -> Self {
        let body = Arc::new(Mutex::new(std::mem::take(request.body_mut())));
        let rest = Self { body, waits: request.headers().contains_key(header::EXPECT) };
        *request.body_mut() = Body::new(rest.clone());
        rest
    }

    fn body(&self) -> MutexGuard<'_, Body> {
        self.body.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads what is left and drops it.
    pub(super) async fn drop_unread(self) {
        if self.waits || self.body().is_end_stream() {
            return;
        }
        let mut rest = Limited::new(self, MAX_LINGER_BYTES);
        let drop_rest = async { while let Some(Ok(_)) = rest.frame().await {} };
        // Who is not done by then has had patience enough.
        let _late = tokio::time::timeout(MAX_LINGER, drop_rest).await;
    }
}

impl http_body::Body for Rest {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut *self.body()).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body().is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body().size_hint()
    }
}
