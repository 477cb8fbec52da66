//! The processor against a queue and a table in memory, stepped by hand: ten thousand schedules of deliveries, faults, lost answers
//! and killed functions, each made of its seed. Afterwards every message is accounted for, as no real queue could show in seconds.
//! Mutants of the processor's duties must be found out.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    future::poll_fn,
    pin::Pin,
    sync::{Mutex, MutexGuard},
    task::{Context, Poll, Waker},
};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage, SqsMessageAttribute};
use function_config::{Env, FailureKind};
use order::{Body, QueueMessage, StoredOrder};
use processor::{Existing, Failure, Processor, Put, QueueError, Queues, Table, TableError};
use telemetry::{
    AwsCall, Config,
    testing::{Captured, Harness, SAMPLED},
};
use uuid::Uuid;

const MAX_RECEIVES: u64 = 5;
const VISIBILITY_S: u64 = 90;

/// What the processor is made to forget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mutant {
    None,
    /// The table's condition on orderId.
    Condition,
    /// That a message is done only when its order is stored.
    AcknowledgedFirst,
    /// `batchItemFailures`.
    FailuresSwallowed,
    /// To send a dead letter.
    LetterDropped,
    /// A metric.
    MetricNotCounted,
}

/// SplitMix64: a schedule is its seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n.max(1) as u64).unwrap()
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

#[derive(Clone)]
struct Message {
    id: String,
    body: String,
    receives: u64,
    visible_at: u64,
}

struct State {
    random: Random,
    now: u64,
    /// So many calls may still fail: every schedule ends.
    faults: usize,
    queue: Vec<Message>,
    /// Body, and the processor's reason; SQS gives none.
    dead: Vec<(String, Option<String>)>,
    table: HashMap<Uuid, StoredOrder>,
    /// Puts that replaced an item.
    replaced: usize,
    /// Calls that wait for their turn.
    waiting: BTreeMap<u64, Waker>,
    released: BTreeSet<u64>,
    calls: u64,
}

struct World {
    state: Mutex<State>,
    mutant: Mutant,
}

impl World {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Returns when the schedule says so.
    async fn turn(&self) {
        struct Ticket<'a>(&'a World, u64);
        impl Drop for Ticket<'_> {
            fn drop(&mut self) {
                self.0.state().waiting.remove(&self.1);
            }
        }
        let number = {
            let mut state = self.state();
            state.calls += 1;
            state.calls
        };
        let ticket = Ticket(self, number);
        poll_fn(|context| {
            let mut state = self.state();
            if state.released.remove(&ticket.1) {
                return Poll::Ready(());
            }
            state.waiting.insert(ticket.1, context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

impl State {
    /// 0 is a call that goes well.
    fn fault(&mut self, kinds: usize) -> usize {
        if self.faults == 0 || !self.random.one_in(4) {
            return 0;
        }
        self.faults -= 1;
        1 + self.random.below(kinds)
    }

    fn existing(&self, id: Uuid) -> Option<Put> {
        let there = self.table.get(&id)?;
        Some(Put::Exists(Existing {
            payload_hash: there.payload_hash.clone(),
            created_at: Some(there.created_at),
            processed_at: Some(there.processed_at),
        }))
    }
}

impl Table for &World {
    fn call(&self) -> AwsCall {
        AwsCall::new("DynamoDB", "PutItem")
    }

    async fn put(&self, order: &StoredOrder) -> Result<Put, TableError> {
        self.turn().await;
        let mut state = self.state();
        let fault = state.fault(3);
        if fault == 1 {
            return Err(TableError::Call(FailureKind::Throttled.into()));
        }
        let before = state.existing(order.order_id).filter(|_| self.mutant != Mutant::Condition);
        if before.is_none() && state.table.insert(order.order_id, order.clone()).is_some() {
            state.replaced += 1;
        }
        match (fault, before) {
            // The answer is lost, and with it the call.
            (2, _) => Err(TableError::Call(FailureKind::Timeout.into())),
            // The answer is lost, and the SDK asks once more.
            (3, None) => Ok(state.existing(order.order_id).unwrap()),
            (_, Some(before)) => Ok(before),
            (_, None) => Ok(Put::Stored),
        }
    }
}

impl Queues for &World {
    fn dead_letter_call(&self) -> AwsCall {
        AwsCall::new("SQS", "SendMessage")
    }

    fn retry_call(&self) -> AwsCall {
        AwsCall::new("SQS", "ChangeMessageVisibility")
    }

    async fn move_to_dead_letters(&self, record: &SqsMessage, why: &Failure) -> Result<(), QueueError> {
        self.turn().await;
        let mut state = self.state();
        let fault = state.fault(2);
        if fault != 1 && self.mutant != Mutant::LetterDropped {
            state.dead.push((record.body.clone().unwrap(), Some(why.to_string())));
        }
        if fault == 0 { Ok(()) } else { Err(QueueError(FailureKind::Timeout.into())) }
    }

    async fn show_again(&self, record: &SqsMessage, after_s: u64) -> Result<(), QueueError> {
        self.turn().await;
        let mut state = self.state();
        if state.fault(1) != 0 {
            return Err(QueueError(FailureKind::Unreachable.into()));
        }
        let at = state.now + after_s;
        let shown = state.queue.iter_mut().find(|message| Some(&message.id) == record.message_id.as_ref());
        if let Some(message) = shown {
            message.visible_at = at;
        }
        Ok(())
    }
}

fn message(order_id: Uuid, price: usize, accepted_ms: i64) -> String {
    let order = format!(
        r#"{{"customerName": "Ada", "customerEmail": "ada@example.com",
            "items": [{{"productId": "p-1", "productName": "Notebook", "quantity": 1, "price": {price}}}],
            "shippingAddress": {{"street": "S", "city": "London", "postalCode": "SW1Y", "country": "GB"}},
            "paymentMethod": "card"}}"#
    );
    let order = Body::parse(order.as_bytes()).and_then(Body::validate).unwrap();
    let accepted_at = jiff::Timestamp::from_millisecond(accepted_ms).unwrap();
    QueueMessage { order_id, accepted_at, order }.encode().unwrap()
}

type Invocation<'a> = Pin<Box<dyn Future<Output = (Vec<String>, Option<Captured>)> + 'a>>;

/// What a schedule has come to.
struct Outcome {
    sent: Vec<String>,
    state: State,
    killed: bool,
    copied: bool,
    captured: Vec<Captured>,
}

/// Runs a schedule to its end: until every message is deleted or in the dead-letter queue.
fn run(seed: u64, mutant: Mutant, harness: Option<&Harness>) -> Outcome {
    let mut random = Random(seed);
    let mut copied = false;
    let mut sent = Vec::new();
    for n in 0..2 + random.below(7) {
        let id = Uuid::from_u64_pair(seed, n as u64);
        let accepted_ms = 1_700_000_000_000 + i64::try_from(n).unwrap();
        sent.push(match random.below(12) {
            0 => format!("no order {n}"),
            _ => message(id, 1, accepted_ms),
        });
        match random.below(10) {
            // SQS or an SDK's retry made a second copy.
            0 => {
                copied = true;
                sent.push(sent.last().unwrap().clone());
            }
            // The client sent it again, and it was accepted again.
            1 => sent.push(message(id, 1, accepted_ms + 5)),
            // Another order under the same id.
            2 => sent.push(message(id, 2, accepted_ms + 7)),
            _ => {}
        }
    }
    let queue = sent
        .iter()
        .enumerate()
        .map(|(n, body)| Message {
            id: format!("m{n}"),
            body: body.clone(),
            receives: 0,
            visible_at: random.next() % 4,
        })
        .collect();
    let faults = random.below(14);
    let kills = random.below(4);
    let state = State {
        random,
        now: 0,
        faults,
        queue,
        dead: Vec::new(),
        table: HashMap::new(),
        replaced: 0,
        waiting: BTreeMap::new(),
        released: BTreeSet::new(),
        calls: 0,
    };
    let world = World { state: Mutex::new(state), mutant };
    let env = Env::from([
        ("STORE_CONCURRENCY", "4"),
        ("MAX_RECEIVE_COUNT", "5"),
        ("RETRY_BASE_S", "2"),
        ("RETRY_MAX_S", "60"),
    ]);
    let processor = Processor::new(&world, &world, &env).unwrap();
    let (mut killed, mut captured) = (false, Vec::new());
    step(&world, &processor, harness, kills, &mut killed, &mut captured);
    Outcome { sent, state: world.state.into_inner().unwrap(), killed, copied, captured }
}

fn step<'a>(
    world: &'a World,
    processor: &'a Processor<&'a World, &'a World>,
    harness: Option<&'a Harness>,
    mut kills: usize,
    killed: &mut bool,
    captured: &mut Vec<Captured>,
) {
    let mut context = Context::from_waker(Waker::noop());
    let mut running: Vec<(Vec<String>, Invocation<'a>)> = Vec::new();
    for _ in 0..100_000 {
        let (choice, visible) = {
            let mut state = world.state();
            let now = state.now;
            (state.random.below(8), state.queue.iter().any(|message| message.visible_at <= now))
        };
        if running.is_empty() && world.state().queue.is_empty() {
            return;
        }
        if visible && running.len() < 3 && (running.is_empty() || choice == 0) {
            let event = receive(world);
            if event.records.is_empty() {
                continue;
            }
            let ids = event.records.iter().map(|record| record.message_id.clone().unwrap()).collect();
            running.push((ids, invoke(processor, harness, event)));
        } else if running.is_empty() {
            let mut state = world.state();
            state.now = state.queue.iter().map(|message| message.visible_at).min().unwrap_or(0);
            continue;
        } else if kills > 0 && choice == 1 {
            let index = world.state().random.below(running.len());
            drop(running.swap_remove(index));
            (kills, *killed) = (kills - 1, true);
            continue;
        } else if choice == 2 {
            // Time passes: messages may be shown again while they are worked on.
            let mut state = world.state();
            state.now += state.random.next() % 60;
        } else {
            let waker = {
                let mut state = world.state();
                let waiting = state.waiting.len();
                let index = state.random.below(waiting);
                let number = state.waiting.keys().nth(index).copied();
                number.and_then(|number| {
                    state.released.insert(number);
                    state.waiting.remove(&number)
                })
            };
            if let Some(waker) = waker {
                waker.wake();
            }
        }
        let mut index = 0;
        while index < running.len() {
            match running[index].1.as_mut().poll(&mut context) {
                Poll::Pending => index += 1,
                Poll::Ready((failures, told)) => {
                    let (ids, _) = running.swap_remove(index);
                    captured.extend(told);
                    let swallowed = world.mutant == Mutant::FailuresSwallowed;
                    let done = |id: &String| ids.contains(id) && (swallowed || !failures.contains(id));
                    world.state().queue.retain(|message| !done(&message.id));
                }
            }
        }
    }
    panic!("a schedule without an end");
}

/// Some of what is visible, hidden for a while; what was received too often is moved, as SQS does.
fn receive(world: &World) -> SqsEvent {
    let mut state = world.state();
    let now = state.now;
    let most = 1 + state.random.below(6);
    let mut event = SqsEvent::default();
    let ids: Vec<_> = state.queue.iter().filter(|message| message.visible_at <= now).map(|m| m.id.clone()).collect();
    for id in ids.into_iter().take(most) {
        let index = state.queue.iter().position(|message| message.id == id).unwrap();
        if state.queue[index].receives == MAX_RECEIVES {
            let message = state.queue.remove(index);
            state.dead.push((message.body, None));
            continue;
        }
        let message = &mut state.queue[index];
        message.receives += 1;
        message.visible_at = now + VISIBILITY_S;
        let mut record = SqsMessage::default();
        record.message_id = Some(message.id.clone());
        record.body = Some(message.body.clone());
        record.attributes.insert("ApproximateReceiveCount".into(), message.receives.to_string());
        record.attributes.insert("SentTimestamp".into(), "1700000000000".into());
        let mut attribute = SqsMessageAttribute::default();
        attribute.data_type = Some("String".into());
        attribute.string_value = Some("shop".into());
        record.message_attributes.insert("tenant".into(), attribute);
        event.records.push(record);
    }
    if world.mutant == Mutant::AcknowledgedFirst {
        let taken: Vec<_> = event.records.iter().map(|record| record.message_id.clone().unwrap()).collect();
        state.queue.retain(|message| !taken.contains(&message.id));
    }
    event
}

fn invoke<'a>(
    processor: &'a Processor<&'a World, &'a World>,
    harness: Option<&'a Harness>,
    event: SqsEvent,
) -> Invocation<'a> {
    let failures = |response: aws_lambda_events::sqs::SqsBatchResponse| {
        response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
    };
    Box::pin(async move {
        let Some(harness) = harness else { return (failures(processor.handle(event).await), None) };
        let handled = async { Ok::<_, lambda_runtime::Error>(processor.handle(event).await) };
        let (response, captured) = harness.invoke(Some(SAMPLED), handled).await;
        (failures(response.unwrap()), Some(captured))
    })
}

/// What is wrong with an outcome: each message is stored once or dead with a reason, and nothing else is anywhere.
fn verdict(outcome: &Outcome) -> Result<(), String> {
    let state = &outcome.state;
    if state.replaced > 0 {
        return Err(format!("duplicated: {} orders were stored over others", state.replaced));
    }
    let accepted: Vec<_> = outcome.sent.iter().filter_map(|body| QueueMessage::decode(body).ok()).collect();
    for body in &outcome.sent {
        let letters: Vec<_> = state.dead.iter().filter(|(dead, _)| dead == body).collect();
        let order = QueueMessage::decode(body).ok();
        let stored = order.as_ref().and_then(|order| {
            state.table.get(&order.order_id).filter(|there| there.payload_hash == order.order.payload_hash())
        });
        if stored.is_none() && letters.is_empty() {
            return Err("lost: neither stored nor in the dead-letter queue".into());
        }
        for (_, reason) in letters {
            let right = match (reason.as_deref(), &order) {
                (None, _) => true,
                (Some(reason), None) => reason.starts_with("Undecodable: "),
                (Some(reason), Some(_)) => reason.starts_with("Conflict: ") && stored.is_none(),
            };
            if !right {
                return Err(format!("unexpected: a dead letter because of {reason:?}"));
            }
        }
    }
    for (id, item) in &state.table {
        if !accepted.iter().any(|o| o.order_id == *id && o.order.payload_hash() == item.payload_hash) {
            return Err("unexpected: an order that nobody accepted".into());
        }
    }
    if let Some((body, _)) = state.dead.iter().find(|(body, _)| !outcome.sent.contains(body)) {
        return Err(format!("unexpected: a letter that nobody sent: {body}"));
    }
    Ok(())
}

/// What the processor's own metrics say, against what there is.
fn metrics_verdict(outcome: &Outcome, mutant: Mutant) -> Result<(), String> {
    let sum = |name: &str| outcome.captured.iter().flat_map(|captured| captured.metric(name)).sum::<f64>();
    let mut stored = sum("OrdersStored");
    if mutant == Mutant::MetricNotCounted {
        // As if an answer that was lost were none.
        stored -= outcome
            .captured
            .iter()
            .flat_map(|c| &c.logs)
            .filter(|line| line["step"] == "store" && line["outcome"] == "recovered")
            .count() as f64;
    }
    // A copy of a message that was received twice can't be told from the one that was stored first.
    if !outcome.copied && !outcome.killed && stored < outcome.state.table.len() as f64 {
        return Err(format!("a metric is missing: {stored} stored, {} in the table", outcome.state.table.len()));
    }
    Ok(())
}

const SCHEDULES: u64 = 10_000;

#[test]
fn ten_thousand_schedules_lose_nothing_and_store_nothing_twice() {
    let (mut stored, mut dead) = (0, 0);
    for seed in 0..SCHEDULES {
        let outcome = run(seed, Mutant::None, None);
        if let Err(wrong) = verdict(&outcome) {
            panic!("seed {seed}: {wrong}");
        }
        stored += outcome.state.table.len();
        dead += outcome.state.dead.len();
    }
    assert!(stored > 40_000 && dead > 5_000, "the schedules do little: {stored} stored, {dead} dead");
}

#[test]
fn a_schedule_is_its_seed() {
    let told = |seed| {
        let outcome = run(seed, Mutant::None, None);
        let mut ids: Vec<_> = outcome.state.table.into_keys().collect();
        ids.sort();
        (ids, outcome.state.dead, outcome.state.calls)
    };
    assert!((0..50).all(|seed| told(seed) == told(seed)));
}

#[test]
fn a_processor_that_forgets_one_of_its_duties_is_found_out() {
    for (mutant, word) in [
        (Mutant::Condition, "duplicated"),
        (Mutant::AcknowledgedFirst, "lost"),
        (Mutant::FailuresSwallowed, "lost"),
        (Mutant::LetterDropped, "lost"),
    ] {
        let found = (0..500).find_map(|seed| Some((seed, verdict(&run(seed, mutant, None)).err()?)));
        let (seed, wrong) = found.unwrap_or_else(|| panic!("{mutant:?} is not found out"));
        eprintln!("{mutant:?}: seed {seed}: {wrong}");
        assert!(wrong.starts_with(word), "{mutant:?}: {wrong}");
    }
}

#[tokio::test]
async fn the_metrics_agree_and_one_that_is_not_counted_is_found_out() {
    let harness =
        Harness::new(Config::new("order-processing", "processor", "test").correlation_key("orderId")).unwrap();
    let mut found = None;
    for seed in 0..150 {
        let outcome = run(seed, Mutant::None, Some(&harness));
        let both = verdict(&outcome).and_then(|()| metrics_verdict(&outcome, Mutant::None));
        assert_eq!(both, Ok(()), "seed {seed}");
        found = found.or_else(|| Some((seed, metrics_verdict(&outcome, Mutant::MetricNotCounted).err()?)));
    }
    let (seed, wrong) = found.unwrap();
    eprintln!("{:?}: seed {seed}: {wrong}", Mutant::MetricNotCounted);
}
