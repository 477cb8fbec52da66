//! What changes is told to open pages: they fetch anew what shows it.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, StreamExt as _, stream};
use jiff::Timestamp;
use tokio::sync::broadcast;

/// A page whose server is gone tries again.
const RETRY: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(crate) struct Live {
    sender: broadcast::Sender<&'static str>,
    readers: Arc<AtomicUsize>,
}

impl Default for Live {
    fn default() -> Self {
        Self { sender: broadcast::Sender::new(16), readers: Arc::default() }
    }
}

impl Live {
    pub(crate) fn readers(&self) -> usize {
        self.readers.load(Ordering::Relaxed)
    }

    pub(crate) fn tell(&self, event: &'static str) {
        // Nobody may be there.
        let _ = self.sender.send(event);
    }

    /// What one open page is told, from now on. `started` tells it which start of the console it is of.
    pub(crate) fn stream(&self, started: Timestamp) -> Sse<impl Stream<Item = Result<Event, Infallible>> + use<>> {
        self.readers.fetch_add(1, Ordering::Relaxed);
        let reading = Reading(Arc::clone(&self.readers));
        let hello = Event::default().event("hello").retry(RETRY).data(started.as_millisecond().to_string());
        let receiver = self.sender.subscribe();
        let events = stream::unfold((receiver, reading), |(mut receiver, reading)| async {
            let event = match receiver.recv().await {
                Ok(event) => event,
                // Who was slow fetches all of it.
                Err(broadcast::error::RecvError::Lagged(_)) => "all",
                Err(broadcast::error::RecvError::Closed) => return None,
            };
            // A browser tells nobody of an event without data.
            Some((Ok(Event::default().event(event).data(event)), (receiver, reading)))
        });
        Sse::new(stream::once(async { Ok(hello) }).chain(events))
            .keep_alive(KeepAlive::new().interval(Duration::from_secs(10)))
    }
}

/// Counts a reader for as long as its stream lives.
struct Reading(Arc<AtomicUsize>);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
