//! Bodies of requests, each to its service's limit.

use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

/// How much of a body that is already too large is still read, and for how long.
const MAX_LINGER_BYTES: usize = 256 * 1024 * 1024;
const MAX_LINGER: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) enum Unread {
    TooLarge,
    Broken(axum::Error),
}

/// The whole of a body. The rest of one that is too large is read and dropped: a client that still sends when the connection
/// closes sees a broken pipe, not the answer that says why.
pub(super) async fn whole(mut body: Body, limit: usize) -> Result<Bytes, Unread> {
    match Limited::new(&mut body, limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            let mut rest = Limited::new(body, MAX_LINGER_BYTES);
            let drop_rest = async { while let Some(Ok(_)) = rest.frame().await {} };
            let _ = tokio::time::timeout(MAX_LINGER, drop_rest).await;
            Err(Unread::TooLarge)
        }
        Err(error) => Err(Unread::Broken(axum::Error::new(error))),
    }
}
