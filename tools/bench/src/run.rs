//! The measurement: rounds in which every contestant has its turn, so that what disturbs the machine disturbs all alike.

use std::time::Duration;

use anyhow::{Context as _, Result};
use hyper::body::Bytes;

use crate::{
    contestants::Contestant,
    figures::{Extent, Figures, Spread, Times, quantile},
    function::{Function, Used},
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
    for _ in 0..WARM_UP {
        function.invoke(event.clone(), true).await?;
    }

    let n = extent.invocations as f64;
    let (log, datagrams) = (function.log_bytes(), around.xray.counts().0);
    let (mut cpu, mut wall, mut answered) = (0.0, 0.0, 0.0);
    for _ in 0..extent.invocations {
        let invocation = function.invoke(event.clone(), true).await?;
        cpu += microseconds(invocation.used.cpu);
        wall += microseconds(invocation.used.wall);
        answered += microseconds(invocation.answered);
        record.answered_all.push(microseconds(invocation.answered));
    }
    // What is still on its way to the socket.
    tokio::time::sleep(Duration::from_millis(20)).await;
    record.warm.cpu.push(cpu / n);
    record.warm.wall.push(wall / n);
    record.answered.push(answered / n);
    record.log_bytes.push((function.log_bytes() - log) as f64 / n);
    record.datagrams.push((around.xray.counts().0 - datagrams) as f64 / n);

    let log = function.log_bytes();
    let (mut cpu, mut wall) = (0.0, 0.0);
    for _ in 0..extent.invocations {
        let used = function.invoke(unsampled.clone(), false).await?.used;
        cpu += microseconds(used.cpu);
        wall += microseconds(used.wall);
    }
    record.warm_unsampled.cpu.push(cpu / n);
    record.warm_unsampled.wall.push(wall / n);
    record.log_bytes_unsampled.push((function.log_bytes() - log) as f64 / n);
    record.peak_kb.push(function.peak_kb()? as f64);
    function.kill().await
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
