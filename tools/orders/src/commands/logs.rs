//! `orders logs`: a function's lines out of CloudWatch Logs.

use std::{
    collections::{HashMap, HashSet},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context as _, Result};
use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use clap::{Args, ValueEnum};
use cli::{output, time};
use jiff::{SignedDuration, Timestamp};

use crate::environment::Environment;

#[derive(Debug, Args)]
pub(crate) struct LogsArgs {
    /// Function whose logs to show
    function: Function,
    /// Go on with new lines until Ctrl-C
    #[arg(long, short)]
    follow: bool,
    /// How far back: 30s, 10m, 1h30m, 1d
    #[arg(long, default_value = "10m", value_parser = time::since)]
    since: SignedDuration,
    /// Only lines with this text: a CloudWatch Logs filter pattern, such as an orderId in double quotes
    #[arg(long)]
    filter: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Function {
    Validator,
    Processor,
}

const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// Lines reach CloudWatch Logs late and out of order: each look goes back so far behind the newest line.
const LATENESS_MS: i64 = 30_000;

pub(crate) async fn run(environment: &Environment, args: &LogsArgs, json: bool) -> Result<ExitCode> {
    let logs = aws_sdk_cloudwatchlogs::Client::new(&environment.sdk);
    let group = format!(
        "/aws/lambda/{}",
        environment.output(match args.function {
            Function::Validator => suite::output::VALIDATOR,
            Function::Processor => suite::output::PROCESSOR,
        })?
    );
    let mut from_ms = (Timestamp::now() - args.since).as_millisecond();
    let mut shown = HashSet::new();
    loop {
        let events = look(&logs, &group, from_ms, args.filter.as_deref()).await?;
        for (identity, event) in identities(&events).zip(&events) {
            if shown.insert(identity) {
                show(event, json)?;
            }
        }
        if !args.follow || output::is_unread() {
            if shown.is_empty() && !args.follow {
                cli::note!("No lines in {group} in that time: `--since 1h` looks further back.");
            }
            return Ok(ExitCode::SUCCESS);
        }
        let newest = events.iter().filter_map(FilteredLogEvent::timestamp).max().unwrap_or(from_ms);
        from_ms = from_ms.max(newest - LATENESS_MS);
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

pub(crate) async fn look(
    logs: &aws_sdk_cloudwatchlogs::Client,
    group: &str,
    from_ms: i64,
    filter: Option<&str>,
) -> Result<Vec<FilteredLogEvent>> {
    let mut pages = logs
        .filter_log_events()
        .log_group_name(group)
        .start_time(from_ms)
        .set_filter_pattern(filter.map(str::to_owned))
        .into_paginator()
        .send();
    let mut events = Vec::new();
    while let Some(page) = pages.next().await {
        events.extend(page.with_context(|| format!("can't read the log group {group}"))?.events.unwrap_or_default());
    }
    Ok(events)
}

/// What tells an event from all others, the same in the next look. Emulators may give no ids: then it is the how-manieth of its
/// kind.
fn identities(events: &[FilteredLogEvent]) -> impl Iterator<Item = String> {
    let mut alike = HashMap::new();
    events.iter().map(move |event| match event.event_id() {
        Some(id) => id.to_owned(),
        None => {
            let stream = event.log_stream_name().unwrap_or_default();
            let kind = format!("{stream} {:?} {}", event.timestamp(), event.message().unwrap_or_default());
            let number = alike.entry(kind.clone()).and_modify(|number| *number += 1).or_insert(1usize);
            format!("{number} {kind}")
        }
    })
}

/// A line as the function wrote it: it is JSON already, and `--json` leaves out what is not.
fn show(event: &FilteredLogEvent, json: bool) -> Result<()> {
    let message = event.message().unwrap_or_default().trim_end();
    if json && !message.starts_with('{') {
        return Ok(());
    }
    output::line(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_without_ids_are_told_apart_and_known_again() {
        let event = |at: i64, message: &str| FilteredLogEvent::builder().timestamp(at).message(message).build();
        let events = [event(1, "a"), event(1, "b"), event(1, "a"), event(2, "a")];
        let first: Vec<_> = identities(&events).collect();
        assert_eq!(first.iter().collect::<HashSet<_>>().len(), 4, "{first:?}");
        assert_eq!(identities(&events).collect::<Vec<_>>(), first);
        let named = FilteredLogEvent::builder().event_id("x").message("a").build();
        assert_eq!(identities(&[named]).collect::<Vec<_>>(), ["x"]);
    }
}
