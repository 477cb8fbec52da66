//! Evaluation, once a minute of metric time.

use std::{sync::Arc, time::Duration};

use super::Metrics;

/// How long a minute's last data may take to arrive.
const GRACE: Duration = Duration::from_secs(2);
/// Of a minute, at a fast clock.
const GRACE_SHARE: f64 = 0.3;
/// The state of the queues is taken that long before the minute's end.
const SNAPSHOT_S: f64 = 6.0;

pub(super) async fn run(metrics: Arc<Metrics>) {
    let clock = metrics.clock;
    let grace = GRACE.min(Duration::from_secs_f64(60.0 * GRACE_SHARE / clock.scale()));
    let mut end = next_minute(clock.now());
    loop {
        tokio::time::sleep(clock.until(end - SNAPSHOT_S)).await;
        metrics.line.ask_for_queues().await;
        tokio::time::sleep(clock.until(end) + grace).await;
        #[expect(clippy::cast_possible_truncation, reason = "epoch seconds")]
        let transitions = metrics.lock().evaluator.tick(end as i64);
        for transition in transitions {
            metrics.publisher.send(transition);
        }
        // A stack that was held up evaluates every minute all the same, with the next tick.
        end = next_minute(end.max(clock.now() - 60.0));
    }
}

fn next_minute(after: f64) -> f64 {
    ((after / 60.0).floor() + 1.0) * 60.0
}
