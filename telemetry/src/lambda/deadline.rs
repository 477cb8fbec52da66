use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::time::Sleep;

/// Fires once, a margin before the invocation's deadline.
#[derive(Debug)]
pub(super) struct Deadline(Option<Pin<Box<Sleep>>>);

impl Deadline {
    pub(super) fn new(deadline_ms: u64, margin: Duration) -> Self {
        if deadline_ms == 0 {
            return Self(None);
        }
        let left =
            (UNIX_EPOCH + Duration::from_millis(deadline_ms)).duration_since(SystemTime::now()).unwrap_or_default();
        Self(Some(Box::pin(tokio::time::sleep(left.saturating_sub(margin)))))
    }

    /// Whether it has come, told once.
    pub(super) fn poll_once(&mut self, context: &mut Context<'_>) -> bool {
        let Some(sleep) = &mut self.0 else {
            return false;
        };
        match sleep.as_mut().poll(context) {
            Poll::Ready(()) => {
                self.0 = None;
                true
            }
            Poll::Pending => false,
        }
    }
}
