//! What watches is itself watched.

use super::{Drill, Traffic, configure, reconfigured};
use crate::operator::stack::Stack;

/// A deployment sends segments where nobody listens.
#[tokio::test(flavor = "multi_thread")]
async fn drop_telemetry() {
    let drill = Drill::begin("drop-telemetry", Stack::up_fast(|_| {}).await);
    let stack = &drill.stack;
    let before = reconfigured(stack, "validator", |environment| {
        environment.insert("AWS_XRAY_DAEMON_ADDRESS".into(), "127.0.0.1:9".into());
    })
    .await;
    let traffic = Traffic::begin(stack, 2);
    drill.alarms_fire(60.0);
    drill.diagnose();
    configure(stack, "validator", before).await;
    drill.verify();
    drop(traffic);
}
