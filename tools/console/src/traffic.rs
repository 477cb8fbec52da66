//! Orders that are sent at once: some, or a stream of them while something is broken.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures::{StreamExt as _, stream};
use orders::Environment;

/// A stream of orders that nobody stops ends by itself.
const LONGEST: Duration = Duration::from_secs(180);
const SENDERS: usize = 12;

/// One stream of orders at a time.
#[derive(Debug, Default)]
pub(crate) struct Traffic {
    flowing: Arc<AtomicBool>,
    sent: Arc<AtomicUsize>,
}

impl Traffic {
    pub(crate) fn is_flowing(&self) -> bool {
        self.flowing.load(Ordering::Relaxed)
    }

    pub(crate) fn stop(&self) {
        self.flowing.store(false, Ordering::Relaxed);
    }

    /// Sends orders until it is stopped: alarms on rates want traffic to judge.
    pub(crate) fn start(&self, environment: &Arc<Environment>) {
        if self.flowing.swap(true, Ordering::Relaxed) {
            return;
        }
        let begun = Instant::now();
        for _ in 0..SENDERS {
            let (flowing, sent, environment) =
                (Arc::clone(&self.flowing), Arc::clone(&self.sent), Arc::clone(environment));
            tokio::spawn(async move {
                while flowing.load(Ordering::Relaxed) && begun.elapsed() < LONGEST {
                    // Refused orders are what it is for; a stack that is gone ends it.
                    if orders::order::send(&environment, orders::order::SAMPLE, None).await.is_err() {
                        break;
                    }
                    sent.fetch_add(1, Ordering::Relaxed);
                }
                flowing.store(false, Ordering::Relaxed);
            });
        }
    }
}

/// So many orders, eight at a time; how many were accepted.
pub(crate) async fn send_many(environment: &Environment, count: usize) -> usize {
    stream::iter(0..count)
        .map(|_| orders::order::send(environment, orders::order::SAMPLE, None))
        .buffer_unordered(8)
        .filter(|answer| futures::future::ready(answer.as_ref().is_ok_and(|answer| answer.status == 202)))
        .count()
        .await
}
