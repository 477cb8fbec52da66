//! `orders alarms`: which alarms fire, since when, how far over, and what to do about it.

mod describe;
mod show;
mod value;

use std::{collections::BTreeMap, process::ExitCode, time::Duration};

use anyhow::{Result, bail};
use aws_sdk_cloudwatch::{
    Client,
    types::{CompositeAlarm, MetricAlarm},
};
use clap::Args;
use cli::{colour::Paint, exit, output, progress::Waiting, time};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;
use serde::Serialize;

use self::show::Screen;
use crate::environment::Environment;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    orders alarms                        those that fire; exit 1 if one does\n  \
    orders alarms --all                  all of them\n  \
    orders alarms queue-age              that one\n  \
    orders alarms --runbook queue-age    those that this page is for\n  \
    orders alarms --watch                every change, as it happens")]
pub(crate) struct AlarmsArgs {
    /// Only these alarms; the environment's prefix may be left out
    #[arg(value_name = "ALARM")]
    names: Vec<String>,
    /// Also the alarms that are OK
    #[arg(long)]
    all: bool,
    /// Show what fires once, then every change of a state until interrupted
    #[arg(long)]
    watch: bool,
    /// Seconds between two looks while watching
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    every: u64,
    /// Only the alarms that name this runbook, such as queue-age
    #[arg(long, value_name = "PAGE")]
    runbook: Option<String>,
}

/// What an alarm was judged by.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Judged {
    /// The newest first.
    pub datapoints: Vec<f64>,
    /// How many of them are over the threshold.
    pub breaching: usize,
    /// How many periods the alarm looks at.
    pub periods: usize,
    /// `> 5`.
    pub threshold: String,
}

/// An alarm as it stands.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Alarm {
    /// As CloudWatch has it.
    pub name: String,
    /// `OK`, `ALARM` or `INSUFFICIENT_DATA`.
    pub state: String,
    /// When the state was last set; RFC 3339.
    pub since: Option<String>,
    /// The newest value; none for a composite, or where there are no data.
    pub value: Option<f64>,
    /// `> 5`; none for a composite.
    pub threshold: Option<String>,
    /// `page`, `ticket` or `none`.
    pub severity: Option<String>,
    /// Where its page is.
    pub runbook: Option<String>,
    /// What it means, from the catalogue.
    pub summary: String,
    /// Why it is in its state, in CloudWatch's words.
    pub reason: String,
    /// Why a composite in ALARM notifies nobody: WaitPeriod, ExtensionPeriod or Alarm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suppressed_by: Option<String>,
    /// The values that it looks at; none for a composite.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judged: Option<Judged>,
    /// The alarms in a composite's rule.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<String>,
    /// The alarm that holds a composite's actions back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suppressor: Option<String>,
    /// Is it such an alarm?
    pub suppresses: bool,
}

impl Alarm {
    /// Is it in ALARM?
    #[must_use]
    pub fn fires(&self) -> bool {
        self.state == "ALARM"
    }

    /// Does it tell anybody by itself?
    #[must_use]
    pub fn notifies(&self) -> bool {
        self.severity.as_deref().is_some_and(|severity| severity != "none")
    }

    /// How long it has been in its state, in its largest unit.
    #[must_use]
    pub fn lasts(&self, now: i64) -> Option<String> {
        let since: Timestamp = self.since.as_deref()?.parse().ok()?;
        Some(time::about((now - since.as_second()).max(0)))
    }

    fn is_named(&self, name: &str, prefix: &str) -> bool {
        self.name == name || self.name.strip_prefix(prefix).is_some_and(|rest| rest.strip_prefix('-') == Some(name))
    }

    /// The description leads to that page, wherever the pages are kept.
    fn leads_to(&self, page: &str) -> bool {
        let runbook = self.runbook.as_deref().and_then(|runbook| runbook.strip_suffix(".md"));
        runbook.is_some_and(|runbook| runbook == page || runbook.ends_with(&format!("/{page}")))
    }
}

const AT_ONCE: usize = 8;

pub(crate) async fn run(environment: &Environment, args: &AlarmsArgs, json: bool) -> Result<ExitCode> {
    let clock = environment.metric_clock().await?;
    let waiting = Waiting::begin("CloudWatch's alarms and their metrics");
    let alarms = read(environment, args, clock.now.as_second()).await?;
    drop(waiting);
    let prefix = environment.prefix()?;
    match (json, args.watch) {
        // While watching a reader takes one document a line.
        (true, true) => alarms.iter().try_for_each(output::json_line)?,
        (true, false) => output::json(&alarms)?,
        (false, _) => {
            if let Some(clock) = clock.note(Timestamp::now()) {
                cli::note!("{clock}");
            }
            let chosen = !args.names.is_empty() || args.runbook.is_some();
            let screen = Screen { prefix: &prefix, now: clock.now, all: args.all || chosen, paint: Paint::stdout() };
            let (text, rest) = screen.render(&alarms);
            output::text(text)?;
            if let Some(rest) = rest {
                output::line(rest)?;
            }
        }
    }
    if args.watch {
        return watch(environment, args, alarms, json).await;
    }
    Ok(exit::of(!alarms.iter().any(Alarm::fires)))
}

/// Until it is interrupted, or nobody reads it.
async fn watch(environment: &Environment, args: &AlarmsArgs, mut alarms: Vec<Alarm>, json: bool) -> Result<ExitCode> {
    let prefix = environment.prefix()?;
    while !output::is_unread() {
        tokio::time::sleep(Duration::from_secs(args.every)).await;
        let clock = environment.metric_clock().await?;
        let looked = read(environment, args, clock.now.as_second()).await?;
        let screen = Screen { prefix: &prefix, now: clock.now, all: true, paint: Paint::stdout() };
        for alarm in &looked {
            let before = alarms.iter().find(|other| other.name == alarm.name);
            if before.is_none_or(|before| before.state != alarm.state || before.suppressed_by != alarm.suppressed_by) {
                if json { output::json_line(alarm)? } else { screen.line(alarm)? }
            }
        }
        alarms = looked;
    }
    Ok(ExitCode::SUCCESS)
}

/// With their values at `now`: firing first, then those without data, then by name.
async fn read(environment: &Environment, args: &AlarmsArgs, now: i64) -> Result<Vec<Alarm>> {
    let client = Client::new(&environment.sdk);
    let prefix = environment.prefix()?;
    let (metric, composite) = describe::all(&client, &prefix).await?;
    let mut alarms: Vec<_> = stream::iter(metric)
        .map(|alarm| async {
            let datapoints = value::recent(&client, &alarm, now).await?;
            anyhow::Ok(describe::metric_alarm(alarm, datapoints))
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    alarms.extend(composite.into_iter().map(describe::composite_alarm));
    tell_suppressors(&mut alarms);
    if alarms.is_empty() {
        bail!("{prefix} has no alarms: `make deploy` makes them");
    }
    for name in &args.names {
        if !alarms.iter().any(|alarm| alarm.is_named(name, &prefix)) {
            bail!("no alarm {name}: `orders alarms` lists them");
        }
    }
    if !args.names.is_empty() {
        alarms.retain(|alarm| args.names.iter().any(|name| alarm.is_named(name, &prefix)));
    }
    if let Some(page) = &args.runbook {
        alarms.retain(|alarm| alarm.leads_to(page));
        if alarms.is_empty() {
            bail!("no alarm names the runbook {page}: runbooks/README.md lists the pages");
        }
    }
    sort(&mut alarms);
    Ok(alarms)
}

/// All of them as they are defined.
pub async fn definitions(environment: &Environment) -> Result<(Vec<MetricAlarm>, Vec<CompositeAlarm>)> {
    let client = aws_sdk_cloudwatch::Client::new(&environment.sdk);
    describe::all(&client, &environment.prefix()?).await
}

/// All of them as they stand, without their values: one call.
pub async fn all(environment: &Environment) -> Result<Vec<Alarm>> {
    let (metric, composite) = definitions(environment).await?;
    let mut alarms: Vec<_> = metric.into_iter().map(|alarm| describe::metric_alarm(alarm, Vec::new())).collect();
    alarms.extend(composite.into_iter().map(describe::composite_alarm));
    tell_suppressors(&mut alarms);
    sort(&mut alarms);
    Ok(alarms)
}

fn tell_suppressors(alarms: &mut [Alarm]) {
    let suppressors: Vec<String> = alarms.iter().filter_map(|alarm| alarm.suppressor.clone()).collect();
    for alarm in alarms {
        alarm.suppresses = suppressors.contains(&alarm.name);
    }
}

/// What fires first, then what has no data, then by name.
fn sort(alarms: &mut [Alarm]) {
    let rank = |alarm: &Alarm| match alarm.state.as_str() {
        "ALARM" => 0,
        "INSUFFICIENT_DATA" => 1,
        _ => 2,
    };
    alarms.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.name.cmp(&b.name)));
}

/// The state of every alarm by its key.
pub(super) async fn states(environment: &Environment) -> Result<BTreeMap<String, String>> {
    let client = Client::new(&environment.sdk);
    let prefix = format!("{}-", environment.prefix()?);
    let (metric, composite) = describe::all(&client, &environment.prefix()?).await?;
    let metric = metric.into_iter().map(|alarm| describe::metric_alarm(alarm, Vec::new()));
    let all = metric.chain(composite.into_iter().map(describe::composite_alarm));
    Ok(all.map(|alarm| (alarm.name.trim_start_matches(&prefix).to_owned(), alarm.state)).collect())
}

/// Those that somebody must do something about, without their values.
pub(super) async fn firing(environment: &Environment) -> Result<Vec<Alarm>> {
    let client = Client::new(&environment.sdk);
    let (metric, composite) = describe::all(&client, &environment.prefix()?).await?;
    let mut alarms: Vec<_> = metric.into_iter().map(|alarm| describe::metric_alarm(alarm, Vec::new())).collect();
    alarms.extend(composite.into_iter().map(describe::composite_alarm));
    alarms.retain(|alarm| alarm.fires() && alarm.severity.as_deref() != Some("none"));
    Ok(alarms)
}
