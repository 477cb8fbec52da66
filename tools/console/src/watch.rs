//! Looking at the local stack for what has changed.

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash as _, Hasher as _},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Result;

use crate::app::App;

/// Between two looks at the local stack. An environment on AWS is not looked at by itself: each look costs.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);
/// Pages with many graphs are fetched no more often.
const METRICS_EVERY: Duration = Duration::from_secs(5);

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
