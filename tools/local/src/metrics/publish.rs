//! States to where clients look for them (DescribeAlarms), and notifications to the topics.

mod message;

use std::{collections::HashMap, time::Duration};

use ::alarms::{Catalogue, evaluate::Transition};
use anyhow::{Context as _, Result};
use aws_sdk_cloudwatch::{operation::set_alarm_state::SetAlarmStateError, types::StateValue};
use tokio::sync::{mpsc, oneshot};

use super::Clock;
use suite::Names;

/// How often an alarm that is not provisioned yet is tried again.
const AGAIN: Duration = Duration::from_millis(250);

/// Publishes transitions one after the other, in their order.
#[derive(Debug)]
pub(super) struct Publisher(mpsc::UnboundedSender<(Transition, Option<oneshot::Sender<()>>)>);

#[derive(Debug)]
struct Target {
    cloudwatch: aws_sdk_cloudwatch::Client,
    sns: aws_sdk_sns::Client,
    names: Names,
    messages: HashMap<String, message::Fixed>,
    /// What could not be set yet, by alarm.
    waiting: HashMap<String, Transition>,
}

impl Publisher {
    pub(super) fn start(
        cloudwatch: aws_sdk_cloudwatch::Client,
        sns: aws_sdk_sns::Client,
        catalogue: &Catalogue,
        names: Names,
        clock: Clock,
    ) -> Self {
        let (sender, mut receiver) = mpsc::unbounded_channel::<(Transition, Option<oneshot::Sender<()>>)>();
        let messages = message::fixed(catalogue, &names, clock.now_seconds());
        let mut target = Target { cloudwatch, sns, names, messages, waiting: HashMap::new() };
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    next = receiver.recv() => {
                        let Some((transition, done)) = next else { break };
                        target.publish(transition).await;
                        // Nobody may be waiting any more.
                        let _ = done.map(|done| done.send(()));
                    }
                    () = tokio::time::sleep(AGAIN), if !target.waiting.is_empty() => target.publish_waiting().await,
                }
            }
        });
        Self(sender)
    }

    pub(super) fn send(&self, transition: Transition) {
        // The receiver lives as long as the process.
        let _ = self.0.send((transition, None));
    }

    /// Publishes, and waits until it is done.
    pub(super) async fn send_and_wait(&self, transition: Transition) {
        let (done, when_done) = oneshot::channel();
        if self.0.send((transition, Some(done))).is_ok() {
            let _ = tokio::time::timeout(Duration::from_secs(5), when_done).await;
        }
    }
}

impl Target {
    async fn publish(&mut self, transition: Transition) {
        match self.set_state(&transition).await {
            Ok(true) => {
                self.waiting.remove(&transition.alarm);
                self.tell(&transition).await;
            }
            // `up` makes the alarms while this runs already, and somebody may have deleted one.
            Ok(false) => drop(self.waiting.insert(transition.alarm.clone(), transition)),
            Err(error) => {
                let (alarm, to) = (transition.alarm.clone(), transition.to);
                if self.waiting.insert(alarm.clone(), transition).is_none() {
                    eprintln!("alarms: {alarm} can't be set to {to}, trying on: {error:#}");
                }
            }
        }
    }

    /// Of each alarm only the last state is of interest by now.
    async fn publish_waiting(&mut self) {
        let mut waiting: Vec<_> = self.waiting.values().cloned().collect();
        waiting.sort_by(|a, b| (a.at, &a.alarm).cmp(&(b.at, &b.alarm)));
        for transition in waiting {
            self.publish(transition).await;
        }
    }

    async fn tell(&self, transition: &Transition) {
        let Transition { alarm, from, to, reason, .. } = transition;
        match from == to {
            true => eprintln!("alarms: {alarm} {to}: nothing holds its actions back any more"),
            false => eprintln!("alarms: {alarm} {from} -> {to}: {reason}"),
        }
        for severity in transition.fired() {
            if let Err(error) = self.notify(transition, severity).await {
                eprintln!("alarms: {alarm} does not reach the topic {severity}: {error:#}");
            }
        }
    }

    /// Whether the alarm is there.
    async fn set_state(&self, transition: &Transition) -> Result<bool> {
        let reason_data = Some(transition.reason_data.clone()).filter(|data| !data.is_empty());
        let result = self
            .cloudwatch
            .set_alarm_state()
            .alarm_name(&transition.alarm)
            .state_value(StateValue::from(transition.to.as_str()))
            .state_reason(&transition.reason)
            .set_state_reason_data(reason_data)
            .send()
            .await;
        match result {
            Ok(_) => Ok(true),
            Err(error) if error.as_service_error().is_some_and(SetAlarmStateError::is_resource_not_found) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn notify(&self, transition: &Transition, severity: &str) -> Result<()> {
        let fixed = self.messages.get(&transition.alarm).context("not an alarm of the catalogue")?;
        let message = fixed.message(transition, self.names.region());
        // SNS takes 100 characters.
        let subject: String =
            format!("{}: \"{}\" in {}", transition.to, transition.alarm, message::place(self.names.region()))
                .chars()
                .take(100)
                .collect();
        self.sns
            .publish()
            .topic_arn(self.names.arn("sns", &self.names.topic(severity)))
            .subject(subject)
            .message(message.to_string())
            .send()
            .await?;
        Ok(())
    }
}
