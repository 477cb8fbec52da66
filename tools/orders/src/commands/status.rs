//! `orders status`: one screen that says whether orders can flow.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use aws_sdk_lambda::{Client, types::EventSourceMappingConfiguration};
use clap::Args;
use cli::{output, table::Table};
use serde::Serialize;

use super::{
    alarms::{self, Alarm},
    queue::{self, Queues},
};
use crate::environment::{Environment, LostTraces};

#[derive(Debug, Serialize)]
struct Status {
    environment: String,
    #[serde(rename = "apiUrl")]
    api_url: String,
    functions: Vec<Function>,
    consumer: String,
    #[serde(flatten)]
    queues: Queues,
    /// Those that somebody must act on.
    alarms: Vec<Alarm>,
    /// The local stack's; no order waits for it.
    #[serde(rename = "lostTraces", skip_serializing_if = "Option::is_none")]
    lost_traces: Option<LostTraces>,
    /// Empty when all is well.
    problems: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Function {
    name: String,
    state: String,
    #[serde(rename = "codeSha256")]
    code_sha256: String,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    orders status                functions, consumer, queues, and the alarms that somebody must act on\n  \
    orders status --no-alarms    whether orders can flow now\n\n\
    Exit codes: 0 all is well, 1 there are problems, 2 the command could not run")]
pub(crate) struct StatusArgs {
    /// Only whether orders can flow now: an alarm may last for hours after that
    #[arg(long)]
    no_alarms: bool,
}

pub(crate) async fn run(environment: &Environment, args: &StatusArgs, json: bool) -> Result<ExitCode> {
    let status = read(environment, args).await?;
    if json {
        output::json(&status)?;
    } else {
        print(&status)?;
    }
    Ok(if status.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn read(environment: &Environment, args: &StatusArgs) -> Result<Status> {
    let lambda = Client::new(&environment.sdk);
    let mut problems = Vec::new();
    let mut functions = Vec::new();
    for name in [suite::output::VALIDATOR, suite::output::PROCESSOR] {
        let function = function(&lambda, environment.output(name)?).await?;
        if function.state != "Active" {
            problems.push(format!("function {} is {}", function.name, function.state));
        }
        functions.push(function);
    }
    let consumer = consumer(&lambda, environment.output(suite::output::PROCESSOR)?).await?;
    if consumer != "Enabled" {
        problems.push(format!("nothing takes orders from the queue: the event source mapping is {consumer}"));
    }
    let queues = queue::read(environment).await?;
    if queues.dead_letters.waiting > 0 {
        problems.push(format!("{} messages in the dead-letter queue", queues.dead_letters.waiting));
    }
    let alarms = if args.no_alarms { Vec::new() } else { alarms::firing(environment).await? };
    for alarm in &alarms {
        let runbook = alarm.runbook.as_deref().unwrap_or("no runbook");
        problems.push(format!("alarm {}: {} ({runbook})", alarm.name, alarm.summary.trim_end_matches('.')));
    }
    Ok(Status {
        environment: environment.name().to_owned(),
        api_url: environment.output(suite::output::API_URL)?.to_owned(),
        functions,
        consumer,
        queues,
        alarms,
        lost_traces: environment.lost_traces().await?,
        problems,
    })
}

async fn function(lambda: &Client, name: &str) -> Result<Function> {
    let configuration = lambda
        .get_function_configuration()
        .function_name(name)
        .send()
        .await
        .with_context(|| format!("can't read the function {name}"))?;
    Ok(Function {
        name: name.to_owned(),
        state: configuration.state.map_or_else(|| "of unknown state".into(), |state| state.as_str().to_owned()),
        code_sha256: configuration.code_sha256.unwrap_or_default(),
    })
}

pub(super) async fn consumer(lambda: &Client, processor: &str) -> Result<String> {
    let mapping = mapping(lambda, processor).await?;
    Ok(mapping.and_then(|mapping| mapping.state).unwrap_or_else(|| "missing".into()))
}

/// The state of what feeds the processor: `Enabled`, `Disabled`, or on its way.
pub async fn consumer_state(environment: &Environment) -> Result<String> {
    consumer(&aws_sdk_lambda::Client::new(&environment.sdk), environment.output(suite::output::PROCESSOR)?).await
}

/// What feeds the processor.
pub(super) async fn mapping(lambda: &Client, processor: &str) -> Result<Option<EventSourceMappingConfiguration>> {
    let mappings = lambda
        .list_event_source_mappings()
        .function_name(processor)
        .send()
        .await
        .context("can't read the processor's event source mapping")?
        .event_source_mappings;
    Ok(mappings.unwrap_or_default().into_iter().next())
}

/// What a sender by UDP hears of nowhere else.
fn lost_rows(lost: &LostTraces) -> Vec<[String; 2]> {
    let refused = lost.refused_traces.iter().map(|refused| {
        let what = format!("{} {}: {}", refused.count, refused.code, refused.latest);
        ["traces refused".to_owned(), cli::text::clean(&what)]
    });
    let dropped = lost.dropped_datagrams.filter(|drops| *drops > 0).map(|drops| {
        [
            "traces dropped".to_owned(),
            format!("{drops} datagrams, by the kernel: they came faster than they were taken"),
        ]
    });
    refused.chain(dropped).collect()
}

fn print(status: &Status) -> Result<()> {
    let mut rows = vec![
        ["environment".to_owned(), status.environment.clone()],
        ["api".to_owned(), status.api_url.clone()],
        ["consumer".to_owned(), status.consumer.clone()],
    ];
    rows.extend(status.functions.iter().map(|function| [function.name.clone(), function.state.clone()]));
    for (name, depth) in [("queue", &status.queues.orders), ("dead-letter queue", &status.queues.dead_letters)] {
        rows.push([name.to_owned(), format!("{} waiting, {} in flight", depth.waiting, depth.in_flight)]);
    }
    if let Some(lost) = &status.lost_traces {
        rows.extend(lost_rows(lost));
    }
    let mut table = Table::plain();
    rows.into_iter().for_each(|row| table.row(row));
    table.print()?;
    if status.problems.is_empty() {
        return output::line("ok");
    }
    for problem in &status.problems {
        output::line(format_args!("problem: {problem}"))?;
    }
    Ok(())
}
