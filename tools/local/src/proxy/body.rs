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
use http_body::{Frame, SizeHint};
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
pub(super) struct Rest(Arc<Mutex<Shared>>);

#[derive(Debug)]
struct Shared {
    body: Body,
    /// Nobody has begun to read it, and its client sends it only to who does.
    is_held_back: bool,
}

impl Rest {
    /// From now on the request's body is shared with whoever reads the request.
    pub(super) fn of(request: &mut Request) -> Self {
        let is_held_back = request.headers().contains_key(header::EXPECT);
        let body = std::mem::take(request.body_mut());
        let rest = Self(Arc::new(Mutex::new(Shared { body, is_held_back })));
        *request.body_mut() = Body::new(rest.clone());
        rest
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads what is left and drops it.
    pub(super) async fn drop_unread(self) {
        if self.shared().is_held_back {
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
        let mut shared = self.shared();
        shared.is_held_back = false;
        Pin::new(&mut shared.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.shared().body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.shared().body.size_hint()
    }
}
