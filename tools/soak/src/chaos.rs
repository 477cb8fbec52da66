//! Carries out the plan's faults, one after the other, each when so many orders were begun.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::json;
use suite::output;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::{
    client::Clients,
    fault::Fault,
    history::Entry,
    observe::queue,
    orders, plan,
    random::Random,
    stack::{self, Stack},
};

/// Orders fail for so long in an outage: longer than three deliveries take.
const OUTAGE: Duration = Duration::from_secs(5);
/// More calls than any outage meets.
const ALL: u32 = 100_000;
/// How long a redrive may take to move its first letter.
const REDRIVE_WITHIN: Duration = Duration::from_secs(20);
/// A killed redrive's letters are hidden for so long, instead of five minutes.
const HOLD_S: &str = "15";

/// Breaks the stack.
#[derive(Debug)]
pub(crate) struct Chaos {
    pub(crate) stack: Arc<Stack>,
    pub(crate) clients: Arc<Clients>,
    pub(crate) seed: u64,
    /// Faults that were carried out.
    pub(crate) done: AtomicUsize,
}

impl Chaos {
    pub(crate) async fn run(self: Arc<Self>, plan: Vec<plan::Event>) -> Result<()> {
        let mut random = Random::new(self.seed, 2);
        for (n, event) in plan.into_iter().enumerate() {
            while self.clients.begun() < event.after {
                sleep(Duration::from_millis(20)).await;
            }
            let name = event.fault.name();
            self.carry_out(event.fault, n, &mut random).await.with_context(|| format!("the fault {name}"))?;
            self.done.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    async fn carry_out(&self, fault: Fault, n: usize, random: &mut Random) -> Result<()> {
        match fault {
            Fault::Calls { calls, effect, times } => self.fault(calls, effect, times).await,
            Fault::Outage => {
                self.fault("dynamodb:PutItem", "error", ALL).await?;
                sleep(OUTAGE).await;
                self.stack.suite(&["fault", "--clear"]).await
            }
            Fault::ExpireVisibility => self.expire_visibility().await,
            Fault::StopConsumer { ms } => {
                self.stack.operate(&["consumer", "stop"]).await?;
                sleep(Duration::from_millis(ms)).await;
                self.stack.operate(&["consumer", "start"]).await
            }
            Fault::InterruptRedrive { by_kill } => self.interrupt_redrive(by_kill).await,
            Fault::StallEmulator { ms } => {
                self.stack.stall(true)?;
                sleep(Duration::from_millis(ms)).await;
                self.stack.stall(false)
            }
            Fault::ResetClients { times } => {
                self.clients.reset(times);
                Ok(())
            }
            Fault::Poison { times } => {
                for poison in 0..times {
                    let name = format!("{}poison {n}.{poison}", orders::NAME);
                    self.foreign(name.clone(), "Undecodable", json!({"note": name}).to_string()).await?;
                }
                Ok(())
            }
            Fault::Conflict { times } => {
                for conflict in 0..times {
                    self.conflict(format!(" conflict {n}.{conflict}"), random).await?;
                }
                Ok(())
            }
        }
    }

    async fn fault(&self, calls: &str, effect: &str, times: u32) -> Result<()> {
        // Longer than the processor needs for anything else, and shorter than it waits for one call.
        let times = times.to_string();
        self.stack.suite(&["fault", calls, effect, "--times", &times, "--delay-ms", "1200"]).await
    }

    /// Messages are shown again after a second, and storing one takes longer.
    async fn expire_visibility(&self) -> Result<()> {
        let usual = stack::CHANGED[0].1.to_string();
        self.fault("dynamodb:PutItem", "slow", 60).await?;
        self.visibility("1").await?;
        sleep(Duration::from_millis(2500)).await;
        self.visibility(&usual).await
    }

    async fn visibility(&self, seconds: &str) -> Result<()> {
        let set = aws_sdk_sqs::Client::new(&self.stack.sdk).set_queue_attributes();
        let set = set.queue_url(self.stack.queue_url()?).attributes(QueueAttributeName::VisibilityTimeout, seconds);
        set.send().await.context("can't set the visibility timeout")?;
        Ok(())
    }

    /// Ends when the command has moved some letters, and it with them; or when it is done, having found few.
    async fn interrupt_redrive(&self, by_kill: bool) -> Result<()> {
        let before = queue::depth(&self.stack, output::DEAD_LETTER_QUEUE_URL).await?;
        let mut redrive = self.stack.orders(&["dlq", "redrive", "--yes", "--hold", HOLD_S])?.spawn()?;
        let begun = Instant::now();
        while begun.elapsed() < REDRIVE_WITHIN {
            if redrive.try_wait()?.is_some() {
                return Ok(());
            }
            let now = queue::depth(&self.stack, output::DEAD_LETTER_QUEUE_URL).await?;
            if now.all() < before.all() {
                break;
            }
            sleep(Duration::from_millis(10)).await;
        }
        stack::end(&mut redrive, by_kill).await
    }

    /// Another order under the id of one that is stored.
    async fn conflict(&self, role: String, random: &mut Random) -> Result<()> {
        let Some(id) = self.stored().await? else { return Ok(()) };
        let sample = orders::sample(0, &role, random)?;
        let order: serde_json::Value = serde_json::from_str(&sample.body)?;
        let body = json!({"orderId": id, "acceptedAt": jiff::Timestamp::now(), "order": order});
        self.foreign(sample.name, "Conflict", body.to_string()).await
    }

    /// The order that was accepted last, once it is stored.
    async fn stored(&self) -> Result<Option<Uuid>> {
        let table = aws_sdk_dynamodb::Client::new(&self.stack.sdk);
        for _ in 0..100 {
            let acked = *self.clients.acked.borrow();
            if let Some(id) = acked {
                let get = table.get_item().table_name(self.stack.output(output::TABLE)?);
                let key = AttributeValue::S(id.to_string());
                if get.key("orderId", key).consistent_read(true).send().await?.item.is_some() {
                    return Ok(Some(id));
                }
            }
            sleep(Duration::from_millis(100)).await;
        }
        Ok(None)
    }

    async fn foreign(&self, name: String, reason: &str, body: String) -> Result<()> {
        self.clients.history().write(&Entry::Foreign { name, reason: reason.into() })?;
        let client = aws_sdk_sqs::Client::new(&self.stack.sdk);
        // Faults of earlier events may be left: it is in the queue only if that is confirmed.
        loop {
            let send = client.send_message().queue_url(self.stack.queue_url()?).message_body(&body);
            match tokio::time::timeout(Duration::from_secs(3), send.send()).await {
                Ok(Ok(_)) => return Ok(()),
                Ok(Err(_)) | Err(_) => sleep(Duration::from_millis(200)).await,
            }
        }
    }
}
