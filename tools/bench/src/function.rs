//! One process of a function, between a Runtime API and an AWS of its own, and what it uses.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use hyper::body::Bytes;
use nix::{
    time::{ClockId, clock_getcpuclockid, clock_gettime},
    unistd::Pid,
};
use tokio::{process::Command, time::timeout};

use crate::{
    contestants::Contestant,
    events,
    stub::runtime_api::{Asked, RuntimeApi, Turn},
    surroundings::{Surroundings, Transport},
};

/// Longer than any start under callgrind takes.
const PATIENCE: Duration = Duration::from_secs(120);
const FUNCTION_TIMEOUT: Duration = Duration::from_secs(60);

/// Processor time and time on the wall.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Used {
    pub(crate) cpu: Duration,
    pub(crate) wall: Duration,
}

/// One invocation.
#[derive(Debug)]
pub(crate) struct Invocation {
    /// Until the function asks for the next event: what Lambda bills.
    pub(crate) used: Used,
    /// Until its answer was there: what the caller waits for.
    pub(crate) answered: Duration,
    pub(crate) answer: Bytes,
}

#[derive(Debug)]
pub(crate) struct Function {
    process: tokio::process::Child,
    clock: ClockId,
    pid: u32,
    api: RuntimeApi,
    asked: Asked,
    log: PathBuf,
    arn: String,
    number: u64,
    /// From exec to the first request for an event.
    pub(crate) start: Used,
}

impl Function {
    /// Starts the process and waits until it asks for its first event.
    pub(crate) async fn start(contestant: &Contestant, around: &Surroundings, transport: Transport) -> Result<Self> {
        Self::start_under(&[], contestant, around, transport).await
    }

    /// The same, with another program's words before the command.
    pub(crate) async fn start_under(
        wrapper: &[String],
        contestant: &Contestant,
        around: &Surroundings,
        transport: Transport,
    ) -> Result<Self> {
        let mut api = RuntimeApi::start().await?;
        let log = around.log_file();
        let mut words: Vec<&str> = wrapper.iter().map(String::as_str).collect();
        words.extend(contestant.command.iter().map(String::as_str));
        let (program, arguments) = words.split_first().context("nothing to start")?;
        let file = File::create(&log).with_context(|| format!("can't write {}", log.display()))?;

        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(&contestant.folder)
            .env_clear()
            .envs(contestant.environment(around, transport, api.address))
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .kill_on_drop(true);
        let begin = Instant::now();
        let mut process = command.spawn().with_context(|| format!("can't start {program}"))?;
        let pid = process.id().context("the function has ended at once")?;
        let asked = tokio::select! {
            asked = timeout(PATIENCE, api.asked.recv()) => asked.ok().flatten(),
            _ = process.wait() => None,
        };
        let wall = begin.elapsed();
        let Some(asked) = asked else {
            bail!("{} did not come to its first event; its last lines:\n{}", contestant.id, tail(&log));
        };
        let clock = clock_getcpuclockid(Pid::from_raw(pid.cast_signed()))?;
        let start = Used { cpu: cpu(clock)?, wall };
        let arn = format!("arn:aws:lambda:us-east-1:123456789012:function:{}", contestant.function_name());
        Ok(Self { process, clock, pid, api, asked, log, arn, number: 0, start })
    }

    /// Hands it an event, and waits until it asks for another one.
    pub(crate) async fn invoke(&mut self, event: Bytes, sampled: bool) -> Result<Invocation> {
        self.number += 1;
        let turn = Turn {
            request_id: format!("8f3c1d2e-5a6b-4c7d-9e8f-{:012x}", self.number),
            trace: events::trace_header(self.number, sampled),
            function_arn: self.arn.clone(),
            deadline_ms: jiff::Timestamp::now().as_millisecond()
                + i64::try_from(FUNCTION_TIMEOUT.as_millis()).unwrap_or(i64::MAX),
            event,
        };
        let (asked, before, begin) = (&mut self.asked, cpu(self.clock)?, Instant::now());
        let (sender, _) = tokio::sync::oneshot::channel();
        if std::mem::replace(asked, sender).send(turn).is_err() {
            bail!("the function no longer waits for an event; its last lines:\n{}", tail(&self.log));
        }
        let both = async {
            let answer = self.api.answers.recv().await;
            let asked = self.api.asked.recv().await;
            answer.zip(asked)
        };
        let both = tokio::select! {
            both = timeout(PATIENCE, both) => both.ok().flatten(),
            _ = self.process.wait() => None,
        };
        let wall = begin.elapsed();
        let Some((answer, asked)) = both else {
            bail!("the function did not end its work; its last lines:\n{}", tail(&self.log));
        };
        let used = Used { cpu: cpu(self.clock)?.saturating_sub(before), wall };
        self.asked = asked;
        if answer.kind != "response" {
            bail!("the function failed: {}\n{}", String::from_utf8_lossy(&answer.body), tail(&self.log));
        }
        Ok(Invocation { used, answered: answer.at.duration_since(begin), answer: answer.body })
    }

    /// The most memory it has held, in kB.
    pub(crate) fn peak_kb(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid)).context("the function has ended")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok()).context("no VmHWM in its status")
    }

    /// Bytes in its log so far.
    pub(crate) fn log_bytes(&self) -> u64 {
        fs::metadata(&self.log).map_or(0, |file| file.len())
    }

    /// Its log from that byte on.
    pub(crate) fn log_since(&self, byte: u64) -> Result<String> {
        let text = fs::read(&self.log)?;
        let from = usize::try_from(byte).unwrap_or(usize::MAX).min(text.len());
        Ok(String::from_utf8_lossy(&text[from..]).into_owned())
    }

    /// Kills it: nothing it still does is measured.
    pub(crate) async fn kill(mut self) -> Result<()> {
        self.process.kill().await.context("can't end the function")?;
        let _gone = fs::remove_file(&self.log);
        Ok(())
    }

    /// Lets it end by itself, as its exit handlers write what a profiler has counted.
    pub(crate) async fn end(mut self) -> Result<()> {
        self.api.close();
        drop(self.asked);
        let ended = timeout(PATIENCE, self.process.wait()).await;
        let _gone = fs::remove_file(&self.log);
        ended.context("the function does not end although its Runtime API has gone")??;
        Ok(())
    }
}

/// Of all threads of a process, ended ones too.
fn cpu(clock: ClockId) -> Result<Duration> {
    Ok(clock_gettime(clock).context("the function has ended")?.into())
}

fn tail(log: &std::path::Path) -> String {
    let text = fs::read(log).map(|text| String::from_utf8_lossy(&text).into_owned()).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    // Of another program, on its way to a terminal.
    lines[lines.len().saturating_sub(12)..].iter().map(|line| format!("  {}\n", line.escape_debug())).collect()
}
