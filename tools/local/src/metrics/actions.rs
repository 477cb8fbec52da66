//! What alarms ask for when their state changes: notifications to topics, in their order.

use std::{sync::Arc, time::Duration};

use ::alarms::service::Event;
use anyhow::{Result, anyhow, bail};
use tokio::sync::{mpsc, oneshot};

use super::Metrics;

/// The way to whoever carries the actions out.
#[derive(Debug)]
pub(super) struct Events(mpsc::UnboundedSender<Due>);

/// An event, and who waits for its actions.
type Due = (Event, Option<oneshot::Sender<()>>);

pub(super) fn queue() -> (Events, mpsc::UnboundedReceiver<Due>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (Events(sender), receiver)
}

impl Events {
    pub(super) fn send(&self, event: Event) {
        // The receiver lives as long as the process.
        let _ = self.0.send((event, None));
    }

    /// Sends, and waits until its actions are done.
    pub(super) async fn send_and_wait(&self, event: Event) {
        let (done, when_done) = oneshot::channel();
        if self.0.send((event, Some(done))).is_ok() {
            let _ = tokio::time::timeout(Duration::from_secs(5), when_done).await;
        }
    }
}

/// Carries out what is due, one event after the other.
pub(super) async fn run(metrics: Arc<Metrics>, sns: aws_sdk_sns::Client, mut due: mpsc::UnboundedReceiver<Due>) {
    while let Some((event, done)) = due.recv().await {
        let transition = &event.transition;
        let (alarm, from, to) = (&transition.alarm, transition.from, transition.to);
        match from == to {
            true => eprintln!("alarms: {alarm} {to}: nothing holds its actions back any more"),
            false => eprintln!("alarms: {alarm} {from} -> {to}: {}", transition.reason),
        }
        for arn in &event.actions {
            let result = carry_out(&sns, &event, arn).await.map_err(|error| format!("{error:#}"));
            if let Err(error) = &result {
                eprintln!("alarms: {alarm}: the action {arn} failed: {error}");
            }
            metrics.lock().alarms.acted(&event, arn, result.as_ref().copied().map_err(String::as_str));
        }
        // Nobody may be waiting any more.
        let _ = done.map(|done| done.send(()));
    }
}

async fn carry_out(sns: &aws_sdk_sns::Client, event: &Event, arn: &str) -> Result<()> {
    if arn.split(':').nth(2) != Some("sns") {
        bail!("this machine carries out actions of topics only");
    }
    sns.publish()
        .topic_arn(arn)
        .subject(&event.notification.subject)
        .message(event.notification.message.to_string())
        .send()
        .await
        .map_err(|error| anyhow!("{}", aws_sdk_sns::error::DisplayErrorContext(error)))?;
    Ok(())
}
