//! Evaluation, once a minute of metric time or as often as an alarm's period asks for.

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
    let mut end = next(clock.now(), 60);
    loop {
        if end.rem_euclid(60.0) == 0.0 {
            tokio::time::sleep(clock.until(end - SNAPSHOT_S)).await;
            metrics.emulator.ask_for_queues().await;
        }
        tokio::time::sleep(clock.until(end) + grace).await;
        #[expect(clippy::cast_possible_truncation, reason = "epoch seconds")]
        let (events, step) = {
            let alarms = &mut metrics.lock().alarms;
            (alarms.tick(end as i64), alarms.evaluator().step())
        };
        for event in events {
            metrics.events.send(event);
        }
        // A stack that was held up evaluates every minute all the same, with the next tick.
        end = next(end.max(clock.now() - 60.0), step);
    }
}

/// The next moment at which an alarm may be due: a minute, or ten seconds where an alarm has so short a period.
#[expect(clippy::cast_precision_loss, reason = "ten or sixty")]
fn next(after: f64, step: i64) -> f64 {
    ((after / step as f64).floor() + 1.0) * step as f64
}
