//! The measurement: rounds in which every contestant has its turn, so that what disturbs the machine disturbs all alike.

use std::time::Duration;

use anyhow::{Context as _, Result};
use hyper::body::Bytes;

use crate::{
    contestants::Contestant,
    figures::{Extent, Figures, Spread, Times, quantile},
    function::{Function, Invocation, Used},
    messages::{done_right, event, messages},
    stub::{Surroundings, Transport},
};

/// Before a process counts as warm.
const WARM_UP: usize = 30;

#[derive(Debug, Default)]
struct Samples {
    cpu: Vec<f64>,
    wall: Vec<f64>,
}

impl Samples {
    fn push(&mut self, used: Used) {
        self.cpu.push(microseconds(used.cpu));
        self.wall.push(microseconds(used.wall));
    }

    fn times(&self) -> Result<Times> {
        Ok(Times {
            cpu_us: Spread::of(&self.cpu).context("nothing was measured")?,
            wall_us: Spread::of(&self.wall).context("nothing was measured")?,
        })
    }
}

fn microseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

/// What is known of a contestant so far.
#[derive(Debug, Default)]
struct Record {
    start: Samples,
    first: Samples,
    first_https: Samples,
    warm: Samples,
    warm_unsampled: Samples,
    answered: Vec<f64>,
    answered_all: Vec<f64>,
    peak_kb: Vec<f64>,
    log_bytes: Vec<f64>,
    log_bytes_unsampled: Vec<f64>,
    datagrams: Vec<f64>,
}

/// Measures them all.
pub(crate) async fn measure(
    contestants: &[Contestant],
    extent: Extent,
    around: &Surroundings,
) -> Result<(Vec<Figures>, [Option<Spread>; 2])> {
    let mut records: Vec<Record> = contestants.iter().map(|_| Record::default()).collect();
    let messages = messages(contestants, around).await?;
    for round in 0..extent.rounds {
        eprintln!("round {} of {}", round + 1, extent.rounds);
        for place in 0..contestants.len() {
            // Nobody always comes after the same neighbour's garbage.
            let turn = (place + round) % contestants.len();
            let (contestant, record) = (&contestants[turn], &mut records[turn]);
            let events = [true, false].map(|sampled| event(contestant, messages.as_ref(), sampled));
            let [sampled, unsampled] = events;
            let events = [sampled?, unsampled?];
            long(contestant, record, extent, around, &events).await?;
            for _ in 0..extent.starts {
                short(contestant, record, around, &events[0]).await?;
            }
        }
    }
    let further = ["processor", "rust-put"].map(|name| further(contestants, &records, name));
    let figures: Result<Vec<_>> =
        contestants.iter().zip(records).map(|(contestant, record)| figures(contestant, record)).collect();
    Ok((figures?, further))
}

/// A start and its first invocation by TLS.
async fn short(contestant: &Contestant, record: &mut Record, around: &Surroundings, event: &Bytes) -> Result<()> {
    let mut function = Function::start(contestant, around, Transport::Https).await?;
    record.start.push(function.start);
    record.first_https.push(function.invoke(event.clone(), true).await?.used);
    function.kill().await
}

/// A start, and a long life.
async fn long(
    contestant: &Contestant,
    record: &mut Record,
    extent: Extent,
    around: &Surroundings,
    [event, unsampled]: &[Bytes; 2],
) -> Result<()> {
    let mut function = Function::start(contestant, around, Transport::Http).await?;
    record.start.push(function.start);
    let first = function.invoke(event.clone(), true).await?;
    done_right(contestant, &first.answer)?;
    record.first.push(first.used);
    let before = datagrams(around).await;
    for _ in 0..WARM_UP {
        function.invoke(event.clone(), true).await?;
    }
    record.datagrams.push((datagrams(around).await - before) as f64 / WARM_UP as f64);

    let n = extent.invocations as f64;
    let (mut of_sampled, mut of_unsampled, mut answered) = (Sum::default(), Sum::default(), 0.0);
    // In turn: what disturbs the machine disturbs both alike.
    for _ in 0..extent.invocations {
        let invocation = of_sampled.add(&mut function, event, true).await?;
        answered += microseconds(invocation.answered);
        record.answered_all.push(microseconds(invocation.answered));
        of_unsampled.add(&mut function, unsampled, false).await?;
    }
    record.answered.push(answered / n);
    for (sum, warm, log_bytes) in [
        (of_sampled, &mut record.warm, &mut record.log_bytes),
        (of_unsampled, &mut record.warm_unsampled, &mut record.log_bytes_unsampled),
    ] {
        warm.cpu.push(sum.cpu / n);
        warm.wall.push(sum.wall / n);
        log_bytes.push(sum.log_bytes as f64 / n);
    }
    record.peak_kb.push(function.peak_kb()? as f64);
    function.kill().await
}

/// With what is still on its way to the socket.
async fn datagrams(around: &Surroundings) -> u64 {
    tokio::time::sleep(Duration::from_millis(20)).await;
    around.xray.counts().0
}

/// Of invocations of one kind.
#[derive(Debug, Default)]
struct Sum {
    cpu: f64,
    wall: f64,
    log_bytes: u64,
}

impl Sum {
    async fn add(&mut self, function: &mut Function, event: &Bytes, sampled: bool) -> Result<Invocation> {
        let log = function.log_bytes();
        let invocation = function.invoke(event.clone(), sampled).await?;
        self.cpu += microseconds(invocation.used.cpu);
        self.wall += microseconds(invocation.used.wall);
        self.log_bytes += function.log_bytes() - log;
        Ok(invocation)
    }
}

/// What a batch of ten costs more than one of one, a ninth of it, round by round.
fn further(contestants: &[Contestant], records: &[Record], name: &str) -> Option<Spread> {
    let of = |count: usize| {
        let place = contestants.iter().position(|contestant| contestant.id == format!("{name}-{count}"))?;
        Some(&records[place].warm.cpu)
    };
    let further: Vec<f64> = of(10)?.iter().zip(of(1)?).map(|(ten, one)| (ten - one) / 9.0).collect();
    Spread::of(&further)
}

fn figures(contestant: &Contestant, mut record: Record) -> Result<Figures> {
    let median = |samples: &[f64]| Spread::of(samples).map(|spread| spread.median).context("nothing was measured");
    record.answered_all.sort_by(f64::total_cmp);
    Ok(Figures {
        id: contestant.id.to_owned(),
        title: contestant.title.to_owned(),
        start: record.start.times()?,
        first: record.first.times()?,
        first_https: record.first_https.times()?,
        warm: record.warm.times()?,
        warm_unsampled: record.warm_unsampled.times()?,
        answered_us: Spread::of(&record.answered).context("nothing was measured")?,
        answered_p99_us: quantile(&record.answered_all, 0.99).context("nothing was measured")?.round(),
        peak_kb: median(&record.peak_kb)?,
        zip_bytes: contestant.zip_bytes,
        log_bytes: median(&record.log_bytes)?.round(),
        log_bytes_unsampled: median(&record.log_bytes_unsampled)?.round(),
        datagrams: median(&record.datagrams)?,
        instructions: None,
        first_instructions: None,
    })
}
