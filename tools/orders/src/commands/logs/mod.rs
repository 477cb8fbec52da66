//! `orders logs`: the functions' lines out of CloudWatch Logs.

pub(crate) mod line;
mod read;
mod show;

use std::{
    io::{self, IsTerminal as _},
    process::ExitCode,
    time::Duration,
};

use anyhow::Result;
use aws_sdk_cloudwatchlogs::{Client, types::FilteredLogEvent};
use clap::Args;
use cli::{colour::Paint, output, time};
use jiff::{SignedDuration, Timestamp};
pub(crate) use read::look;

use self::{read::Tail, show::Form};
use crate::environment::Environment;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    orders logs --order ID             both functions' lines of one order, in one stream\n  \
    orders logs processor --since 1h   an hour of one function\n  \
    orders logs --follow               both, on and on\n  \
    orders logs --filter '{ $.outcome = \"fault\" }'\n\n\
    On a terminal a line is made for people; in a pipe it is the JSON that the function wrote. Lines that are only metrics, \
    and Lambda's own, are left out but with --raw.")]
pub(crate) struct LogsArgs {
    /// Function whose logs to show, such as validator, processor or any other of the environment; all without
    #[arg(value_name = "FUNCTION", value_parser = crate::id::any)]
    function: Option<String>,
    /// Go on with new lines until Ctrl-C
    #[arg(long, short)]
    follow: bool,
    /// How far back: 30s, 10m, 1h30m, 1d
    #[arg(long, default_value = "10m", value_parser = time::since)]
    since: SignedDuration,
    /// Only lines that name this order, or any other id
    #[arg(long, value_name = "ID", value_parser = crate::id::any, conflicts_with = "filter")]
    order: Option<String>,
    /// Only lines that match this CloudWatch Logs filter pattern, such as '{ $.outcome = "fault" }' or ERROR
    #[arg(long, value_name = "PATTERN")]
    filter: Option<String>,
    /// All lines, as they are: metrics and Lambda's own too
    #[arg(long, conflicts_with = "json")]
    raw: bool,
}

const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// The log groups of both functions, the API's first.
pub fn groups(environment: &Environment) -> Result<[String; 2]> {
    let group = |output| environment.output(output).map(|name| format!("/aws/lambda/{name}"));
    Ok([group(suite::output::VALIDATOR)?, group(suite::output::PROCESSOR)?])
}

/// What Terraform calls the output with a function's name.
const OUTPUT_SUFFIX: &str = "_lambda_name";

/// The log group of a function by its short name, or of every function that the environment's outputs name. One that they do not
/// name may be there all the same: its name follows from the rule for names.
fn wanted(environment: &Environment, function: Option<&str>) -> Result<Vec<String>> {
    let named = environment.outputs().iter().filter(|(output, _)| output.ends_with(OUTPUT_SUFFIX));
    let names: Vec<String> = match function {
        None => named.map(|(_, name)| name.clone()).collect(),
        Some(function) => match environment.outputs().get(&format!("{function}{OUTPUT_SUFFIX}")) {
            Some(name) => vec![name.clone()],
            None => vec![format!("{}-{function}", environment.prefix()?)],
        },
    };
    Ok(names.into_iter().map(|name| format!("/aws/lambda/{name}")).collect())
}

/// The lines of both functions that fit a filter pattern, oldest first: what a person reads, and when it was written.
pub async fn lines(
    environment: &Environment,
    since: SignedDuration,
    filter: Option<&str>,
) -> Result<Vec<(Timestamp, line::Line)>> {
    let client = Client::new(&environment.sdk);
    let from_ms = (Timestamp::now() - since).as_millisecond();
    let [validator, processor] = groups(environment)?;
    let (validator, processor) =
        futures::try_join!(look(&client, &validator, from_ms, filter), look(&client, &processor, from_ms, filter))?;
    let read = |event: &FilteredLogEvent| {
        let line = line::Line::parse(event.message()?)?;
        Some((line.timestamp.or_else(|| Timestamp::from_millisecond(event.timestamp()?).ok())?, line))
    };
    let mut lines: Vec<_> = validator.iter().chain(&processor).filter_map(read).collect();
    lines.sort_by_key(|(at, _)| *at);
    Ok(lines)
}

pub(crate) async fn run(environment: &Environment, args: &LogsArgs, json: bool) -> Result<ExitCode> {
    let form = match (args.raw, json || !io::stdout().is_terminal()) {
        (true, _) => Form::Raw,
        (false, true) => Form::Json,
        (false, false) => Form::Text(Paint::stdout()),
    };
    let client = Client::new(&environment.sdk);
    let filter = args.order.as_ref().map(|id| format!("\"{id}\"")).or_else(|| args.filter.clone());
    let from_ms = (Timestamp::now() - args.since).as_millisecond();
    let mut tails: Vec<Tail<'_>> = wanted(environment, args.function.as_deref())?
        .into_iter()
        .map(|group| Tail::new(&client, group, from_ms, filter.clone()))
        .collect();

    let mut any = false;
    loop {
        let waiting = (!any).then(|| cli::progress::Waiting::begin("CloudWatch Logs"));
        let mut events = Vec::new();
        for tail in &mut tails {
            events.extend(tail.next().await?);
        }
        drop(waiting);
        // One stream, whichever function a line is from.
        events.sort_by_key(FilteredLogEvent::timestamp);
        if !any && !events.is_empty() && matches!(form, Form::Text(_)) {
            cli::note!("{}", show::heading());
        }
        any |= !events.is_empty();
        for event in &events {
            show::show(event.message().unwrap_or_default(), event.timestamp(), form)?;
        }
        if !args.follow || output::is_unread() {
            if !any {
                cli::note!("No lines in the last {}: --since looks further back.", time::exact(args.since.as_secs()));
            }
            return Ok(ExitCode::SUCCESS);
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}
