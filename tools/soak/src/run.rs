//! A run, from nothing to its report.

use std::{
    fs,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use cli::progress::Steps;
use suite::output;
use tokio::{task::JoinSet, time::Instant};

use crate::{
    chaos::Chaos,
    check,
    client::Clients,
    clock,
    history::{History, Told},
    observe::{self, Facts, Traces, metrics, queue},
    options::Options,
    plan::Plan,
    progress::{self, Progress},
    report::{self, Report},
    stack::Stack,
};

/// About so many orders of a run are traced.
const TRACED: u32 = 1500;
/// Between two looks at the traces, of which the stack's X-Ray holds some minutes.
const LOOK_EVERY: Duration = Duration::from_secs(60);
const SETTLED_WITHIN: Duration = Duration::from_secs(180);
/// Letters that nothing but retries has made dead are all stored after so many redrives.
const REDRIVES: usize = 8;
/// Faults let the stack stand still for up to three seconds. The alarm bears with 2 % of an hour, which at this speed is more: of
/// an hour that begins amid the sending. Of the first, in which it begins, 2 % are fewer than those that are on their way.
const JUDGED: u32 = 20;
/// The period of the alarm on orders that are unaccounted for.
const ALARM_PERIOD_S: u32 = 3600;

/// Sends, breaks, waits and checks.
///
/// # Errors
/// When it can't: the stack does not start, a command fails, it does not come to rest.
pub async fn run(options: &Options) -> Result<Report> {
    let begun = Instant::now();
    fs::create_dir_all(&options.dir).with_context(|| format!("can't make {}", options.dir.display()))?;
    let history = History::create(options.dir.join("history.jsonl"))?;
    cli::note!("starting a stack in {}", options.dir.display());
    let stack = Arc::new(Stack::up(options).await?);
    let since = jiff::Timestamp::now();
    let before = metrics::settled(&stack).await?;

    let plan = Plan::new(options.seed, options.orders);
    let traced = options.orders.div_ceil(TRACED);
    let clients =
        Arc::new(Clients::new(stack.output(output::API_URL)?, history, options.seed, options.orders, traced)?);
    let judged_from = if options.time_scale <= JUDGED {
        let first = clock::next_hour(&stack, options.time_scale, ALARM_PERIOD_S).await?;
        Some(first + jiff::SignedDuration::from_secs(ALARM_PERIOD_S.into()))
    } else {
        None
    };
    let (sending, mut traces) = (Instant::now(), Traces::default());
    send(options, &stack, &clients, &plan, &mut traces).await?;
    let sending_s = sending.elapsed().as_secs();

    cli::note!("all are sent: waiting for the queue");
    stack.suite(&["fault", "--clear"]).await?;
    settle(&stack).await?;
    let redriven = redrive(&stack).await?;
    let told = Told::read(clients.history().path())?;
    // Until the alarm has looked at the hour in which the last order was stored.
    tokio::time::sleep(Duration::from_secs(u64::from(ALARM_PERIOD_S / options.time_scale + 2))).await;
    cli::note!("comparing what client, queue, table, metrics, logs and traces say");
    let facts = facts(&stack, &told, since, &before, traces, judged_from).await?;
    stack.down().await?;
    Ok(Report {
        seed: options.seed,
        orders: options.orders,
        verdict: check::check(&told, &facts),
        faults: report::counted(&plan.events),
        redriven,
        alarm: format!("{}, fired {} times", facts.alarm.state, facts.alarm.fired),
        traced: facts.traces.len() as u64,
        sending_s,
        whole_s: begun.elapsed().as_secs(),
    })
}

/// All orders, and all faults.
async fn send(
    options: &Options,
    stack: &Arc<Stack>,
    clients: &Arc<Clients>,
    plan: &Plan,
    traces: &mut Traces,
) -> Result<()> {
    let chaos =
        Arc::new(Chaos { stack: Arc::clone(stack), clients: Arc::clone(clients), seed: options.seed, done: 0.into() });
    let mut all = JoinSet::new();
    all.spawn(Arc::clone(&chaos).run(plan.events.clone()));
    for _ in 0..options.clients {
        all.spawn(Arc::clone(clients).run());
    }
    let (begun, mut words) = (Instant::now(), tokio::time::interval(progress::EVERY));
    words.tick().await;
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.tick().await;
    loop {
        tokio::select! {
            ended = all.join_next() => match ended {
                Some(ended) => ended.context("a client or the faults failed")??,
                None => return Ok(()),
            },
            _ = looks.tick() => traces.look(stack, &clients.asked()).await?,
            _ = words.tick() => {
                let (sent, seconds) = (clients.begun(), begun.elapsed().as_secs().max(1));
                let faults = chaos.done.load(Ordering::Relaxed);
                cli::note!(
                    "{sent} of {} orders sent, {} a second; {faults} of {} faults",
                    options.orders, u64::from(sent) / seconds, plan.events.len()
                );
            }
        }
    }
}

/// Until nothing is in the orders queue, waiting or in flight.
async fn settle(stack: &Stack) -> Result<()> {
    let begun = Instant::now();
    let mut progress = Progress::begin();
    while begun.elapsed() < SETTLED_WITHIN {
        let depth = queue::depth(stack, output::QUEUE_URL).await?;
        if depth.all() == 0 {
            return Ok(());
        }
        progress.tell(|| format!("{} messages wait, {} are in flight", depth.visible, depth.hidden));
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    // What is left is a finding.
    Ok(())
}

/// Sends back what only retries have made dead, as an operator would, until it is stored. All of them the first time: what no
/// retry helps must come again.
async fn redrive(stack: &Stack) -> Result<u64> {
    let mut redriven = 0;
    for round in 0..REDRIVES {
        until_shown(stack).await?;
        let letters = queue::letters(stack).await?;
        let wanted = letters.iter().filter(|letter| round == 0 || letter.reason == queue::RETRIES_USED_UP).count();
        if wanted == 0 {
            return Ok(redriven);
        }
        let all: &[&str] = if round == 0 { &[] } else { &["--reason", queue::RETRIES_USED_UP] };
        stack.operate(&[&["dlq", "redrive", "--yes"], all].concat()).await?;
        redriven += wanted as u64;
        settle(stack).await?;
    }
    bail!("letters are dead again and again: see {:?}", queue::letters(stack).await?)
}

/// A redrive that was killed holds its letters for a while.
async fn until_shown(stack: &Stack) -> Result<()> {
    let begun = Instant::now();
    while begun.elapsed() < SETTLED_WITHIN {
        if queue::depth(stack, output::DEAD_LETTER_QUEUE_URL).await?.hidden == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    bail!("dead letters are held, and by nobody of this run")
}

async fn facts(
    stack: &Stack,
    told: &Told,
    since: jiff::Timestamp,
    before: &observe::Metrics,
    mut traces: Traces,
    judged_from: Option<jiff::Timestamp>,
) -> Result<Facts> {
    let ids: Vec<String> = told.orders.values().flat_map(|order| order.traces.clone()).collect();
    let steps = Steps::begin();
    steps.step("reading the metrics");
    let metrics = metrics::settled(stack).await?.without(before);
    steps.step("reading the table");
    let items = observe::table::read(stack).await?.into_iter().filter(check::is_ours).collect();
    steps.step("reading the dead letters");
    let letters = queue::letters(stack).await?;
    let waiting = queue::depth(stack, output::QUEUE_URL).await?.all();
    steps.step("reading the logs");
    let lines = observe::logs::read(stack, since).await?;
    steps.step(&format!("reading {} traces", ids.len()));
    traces.look(stack, &ids).await?;
    let alarm = observe::alarms::read(stack, judged_from).await?;
    Ok(Facts { items, letters, waiting, lines, metrics, traces: traces.all(), alarm })
}
