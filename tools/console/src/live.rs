//! What changes is told to open pages: they fetch anew what shows it.

use std::{
    collections::hash_map::DefaultHasher,
    convert::Infallible,
    hash::{Hash as _, Hasher as _},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Result;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, StreamExt as _, stream};
use tokio::sync::broadcast;

use crate::app::App;

/// Between two looks at the local stack. An environment on AWS is not looked at by itself: each look costs.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);
/// Pages with many graphs are fetched no more often.
const METRICS_EVERY: Duration = Duration::from_secs(5);
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
}

/// Counts a reader for as long as its stream lives.
struct Reading(Arc<AtomicUsize>);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

pub(crate) fn stream(app: &App) -> Sse<impl Stream<Item = Result<Event, Infallible>> + use<>> {
    app.live.readers.fetch_add(1, Ordering::Relaxed);
    let reading = Reading(Arc::clone(&app.live.readers));
    let hello = Event::default().event("hello").retry(RETRY).data(app.started.as_millisecond().to_string());
    let receiver = app.live.sender.subscribe();
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

/// Looks at the local stack while somebody reads, and tells what has changed.
pub(crate) async fn watch(app: Arc<App>) {
    let (mut alarms, mut orders, mut up) = (0, 0, true);
    let mut metrics = Instant::now();
    loop {
        tokio::time::sleep(BETWEEN_LOOKS).await;
        if !app.is_local() || app.live.readers() == 0 {
            continue;
        }
        match digests(&app).await {
            Ok((now_alarms, now_orders)) => {
                if !up {
                    app.live.tell("all");
                }
                up = true;
                if std::mem::replace(&mut alarms, now_alarms) != now_alarms {
                    app.live.tell("alarm");
                }
                if std::mem::replace(&mut orders, now_orders) != now_orders {
                    app.live.tell("order");
                }
                if metrics.elapsed() >= METRICS_EVERY {
                    metrics = Instant::now();
                    app.live.tell("metric");
                }
            }
            // A stack that is down is told once; when it is back, everything is fetched anew.
            Err(_) if up => {
                up = false;
                app.live.tell("down");
            }
            Err(_) => {}
        }
    }
}

/// Of the alarms' states, and of what moves with orders.
async fn digests(app: &App) -> Result<(u64, u64)> {
    let environment = app.environment().await?;
    let alarms = orders::alarms::all(&environment).await?;
    let mut states = DefaultHasher::new();
    for alarm in &alarms {
        (&alarm.name, &alarm.state, &alarm.suppressed_by).hash(&mut states);
    }
    let queues = orders::order::queues(&environment).await?;
    let health = crate::local::health(&environment).await?;
    let faults = crate::local::faults(&environment).await?;
    let mut moves = DefaultHasher::new();
    for depth in [&queues.orders, &queues.dead_letters] {
        (depth.waiting, depth.in_flight).hash(&mut moves);
    }
    (health["traces"]["received"].as_u64(), faults.len()).hash(&mut moves);
    Ok((states.finish(), moves.finish()))
}
