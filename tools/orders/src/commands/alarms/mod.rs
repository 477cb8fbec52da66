//! `orders alarms`: which alarms fire, since when, how far over, and what to do about it.

mod describe;
mod value;

use std::{process::ExitCode, time::Duration};

use anyhow::{Result, bail};
use clap::Args;
use cli::{output, table::Table, time};
use futures::{StreamExt as _, TryStreamExt as _};
use serde::Serialize;

use crate::environment::Environment;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    orders alarms                        all of them, firing first; exit 1 if one fires\n  \
    orders alarms queue-age              that one\n  \
    orders alarms --runbook queue-age    those that this page is for\n  \
    orders alarms --watch                every change, as it happens")]
pub(crate) struct AlarmsArgs {
    /// Only these alarms; the environment's prefix may be left out
    #[arg(value_name = "ALARM")]
    names: Vec<String>,
    /// Show all alarms once, then every change of a state until interrupted
    #[arg(long)]
    watch: bool,
    /// Seconds between two looks while watching
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    every: u64,
    /// Only the alarms that name this runbook, such as queue-age
    #[arg(long, value_name = "PAGE")]
    runbook: Option<String>,
}

/// An alarm as it stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Alarm {
    pub(crate) name: String,
    pub(crate) state: String,
    /// When the state was last set; RFC 3339.
    pub(crate) since: Option<String>,
    /// The newest value; none for a composite, or where there are no data.
    pub(crate) value: Option<f64>,
    /// `> 5`; none for a composite.
    pub(crate) threshold: Option<String>,
    /// `page`, `ticket` or `none`.
    pub(crate) severity: Option<String>,
    pub(crate) runbook: Option<String>,
    pub(crate) summary: String,
    pub(crate) reason: String,
    /// Why a composite in ALARM tells nobody: WaitPeriod, ExtensionPeriod or Alarm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) suppressed_by: Option<String>,
}

impl Alarm {
    fn fires(&self) -> bool {
        self.state == "ALARM"
    }

    /// How long it has been in its state, in its largest unit.
    fn lasts(&self, now: i64) -> Option<String> {
        let since: jiff::Timestamp = self.since.as_deref()?.parse().ok()?;
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
    let prefix = environment.prefix()?;
    let clock = environment.metric_clock().await?;
    let now = clock.now.as_second();
    let alarms = read(environment, args, now).await?;
    if !json {
        cli::note!("(prefix {prefix}- omitted)");
        if let Some(clock) = clock.note(jiff::Timestamp::now()) {
            cli::note!("{clock}");
        }
    }
    show(&alarms, &prefix, now, json, args.watch)?;
    if args.watch {
        return watch(environment, args, alarms, json).await;
    }
    Ok(if alarms.iter().any(Alarm::fires) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Until it is interrupted.
async fn watch(environment: &Environment, args: &AlarmsArgs, mut alarms: Vec<Alarm>, json: bool) -> Result<ExitCode> {
    let prefix = environment.prefix()?;
    loop {
        tokio::time::sleep(Duration::from_secs(args.every)).await;
        let now = environment.metric_clock().await?.now.as_second();
        let looked = read(environment, args, now).await?;
        for alarm in &looked {
            let before = alarms.iter().find(|other| other.name == alarm.name);
            if before.is_none_or(|before| before.state != alarm.state || before.suppressed_by != alarm.suppressed_by) {
                show(std::slice::from_ref(alarm), &prefix, now, json, true)?;
            }
        }
        alarms = looked;
        if output::is_unread() {
            return Ok(cli::exit::of(true));
        }
    }
}

/// With their values at `now`: firing first, then those without data, then by name.
async fn read(environment: &Environment, args: &AlarmsArgs, now: i64) -> Result<Vec<Alarm>> {
    let client = aws_sdk_cloudwatch::Client::new(&environment.sdk);
    let prefix = environment.prefix()?;
    let (metric, composite) = describe::all(&client, &prefix).await?;
    let mut alarms: Vec<_> = futures::stream::iter(metric)
        .map(|alarm| async {
            let value = value::newest(&client, &alarm, now).await?;
            anyhow::Ok(describe::metric_alarm(alarm, value))
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    alarms.extend(composite.into_iter().map(describe::composite_alarm));
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
    let rank = |alarm: &Alarm| match alarm.state.as_str() {
        "ALARM" => 0,
        "INSUFFICIENT_DATA" => 1,
        _ => 2,
    };
    alarms.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.name.cmp(&b.name)));
    Ok(alarms)
}

/// Those that somebody must do something about, without their values.
pub(super) async fn firing(environment: &Environment) -> Result<Vec<Alarm>> {
    let client = aws_sdk_cloudwatch::Client::new(&environment.sdk);
    let (metric, composite) = describe::all(&client, &environment.prefix()?).await?;
    let mut alarms: Vec<_> = metric.into_iter().map(|alarm| describe::metric_alarm(alarm, None)).collect();
    alarms.extend(composite.into_iter().map(describe::composite_alarm));
    alarms.retain(|alarm| alarm.fires() && alarm.severity.as_deref() != Some("none"));
    Ok(alarms)
}

fn show(alarms: &[Alarm], prefix: &str, now: i64, json: bool, lines: bool) -> Result<()> {
    if json {
        // While watching a reader takes one document a line.
        return match lines {
            true => alarms.iter().try_for_each(output::json_line),
            false => output::json(&alarms),
        };
    }
    let dash = || "-".to_owned();
    let mut table = match alarms.len() {
        1 => Table::plain(),
        _ => Table::new(["STATE", "ALARM", "SINCE", "FOR", "VALUE", "THRESHOLD", "SEVERITY", "RUNBOOK"]),
    };
    for alarm in alarms {
        let state = match &alarm.suppressed_by {
            Some(by) => format!("{} (held: {by})", alarm.state),
            None => alarm.state.clone(),
        };
        table.row([
            state,
            alarm.name.strip_prefix(prefix).map_or(&*alarm.name, |name| &name[1..]).to_owned(),
            alarm.since.clone().unwrap_or_else(dash),
            alarm.lasts(now).unwrap_or_else(dash),
            alarm.value.map_or_else(dash, value::short),
            alarm.threshold.clone().unwrap_or_else(dash),
            alarm.severity.clone().unwrap_or_else(dash),
            alarm.runbook.clone().unwrap_or_else(dash),
        ]);
    }
    table.print()
}
