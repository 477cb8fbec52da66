//! Log events: out of the emulator, which gives at most the oldest ten thousand of a time and no ids, and through a filter pattern.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use aws_sdk_cloudwatchlogs::{Client, error::ProvideErrorMetadata as _};
use aws_wire::{ApiError, Output, read};
use insights::Pattern;
use serde::Deserialize;
use serde_json::Value;

use super::invalid;

/// Of one answer, here as in the emulator.
const MAX_EVENTS: usize = 10_000;

/// The emulator's lines.
#[derive(Debug)]
pub(super) struct Lines(pub(super) Client);

/// An event, as FilterLogEvents returns it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) stream: String,
    pub(super) timestamp: i64,
    pub(super) ingestion_time: i64,
    pub(super) message: String,
    pub(super) id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Filter {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    #[serde(default)]
    log_stream_names: Vec<String>,
    log_stream_name_prefix: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    filter_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<usize>,
}

/// A group by its name or its ARN.
pub(super) fn group_name(identifier: &str) -> String {
    match identifier.split_once(":log-group:") {
        Some((_, name)) => name.trim_end_matches(":*").to_owned(),
        None => identifier.to_owned(),
    }
}

/// Where a page goes on: at a moment, behind so many events of it.
fn token(text: &str) -> Result<(i64, usize), ApiError> {
    let parsed = text.split_once('/').and_then(|(at, seen)| Some((at.parse().ok()?, seen.parse().ok()?)));
    parsed.ok_or_else(|| invalid("The specified nextToken is invalid."))
}

impl Lines {
    pub(super) async fn filter(&self, input: &Value) -> Result<Output, ApiError> {
        let filter: Filter = read(input).map_err(|error| invalid(error.message))?;
        let group = match (&filter.log_group_name, &filter.log_group_identifier) {
            (Some(name), None) => name.clone(),
            (None, Some(identifier)) => group_name(identifier),
            _ => return Err(invalid("Give one of logGroupName and logGroupIdentifier.")),
        };
        if filter.log_stream_name_prefix.is_some() && !filter.log_stream_names.is_empty() {
            return Err(invalid("Give one of logStreamNames and logStreamNamePrefix."));
        }
        let limit = filter.limit.unwrap_or(MAX_EVENTS);
        if !(1..=MAX_EVENTS).contains(&limit) {
            return Err(invalid(format!("limit is from 1 to {MAX_EVENTS}")));
        }
        let pattern: Pattern = filter
            .filter_pattern
            .as_deref()
            .unwrap_or_default()
            .parse()
            .map_err(|error: insights::PatternError| invalid(error.to_string()))?;
        let (from, seen) =
            filter.next_token.as_deref().map(token).transpose()?.unwrap_or((filter.start_time.unwrap_or(0), 0));
        let lines = self.read(&group, from, filter.end_time).await?;
        let of_stream = |line: &Line| {
            (filter.log_stream_names.is_empty() || filter.log_stream_names.contains(&line.stream))
                && filter.log_stream_name_prefix.as_ref().is_none_or(|prefix| line.stream.starts_with(prefix.as_str()))
        };
        let (mut found, mut next) = (Vec::new(), None);
        for (index, line) in lines.iter().enumerate().skip(seen) {
            if !of_stream(line) || !pattern.matches(&line.message) {
                continue;
            }
            if found.len() == limit {
                let at = line.timestamp;
                let before = lines.iter().take(index).rev().take_while(|line| line.timestamp == at).count();
                next = Some(format!("{at}/{before}"));
                break;
            }
            found.push(output(line));
        }
        let mut answer = vec![("events", Output::List(found)), ("searchedLogStreams", Output::List(Vec::new()))];
        answer.extend(next.map(|token| ("nextToken", Output::from(token))));
        Ok(Output::Map(answer))
    }

    /// All lines of a group from one moment to another, both included, by time.
    pub(super) async fn read(&self, group: &str, from: i64, to: Option<i64>) -> Result<Vec<Line>, ApiError> {
        let mut lines: Vec<Line> = Vec::new();
        let mut from = from;
        loop {
            let call = self.0.filter_log_events().log_group_name(group).start_time(from).set_end_time(to).send();
            let events = call.await.map_err(|error| refusal(&error))?.events.unwrap_or_default();
            let full = events.len() >= MAX_EVENTS;
            // The emulator can't go on behind an event, but from a moment: what is of that moment comes again.
            let again = lines.iter().rev().take_while(|line| line.timestamp == from).count();
            let last = events.last().and_then(aws_sdk_cloudwatchlogs::types::FilteredLogEvent::timestamp);
            lines.extend(events.into_iter().skip(again).map(|event| Line {
                stream: event.log_stream_name.unwrap_or_default(),
                timestamp: event.timestamp.unwrap_or_default(),
                ingestion_time: event.ingestion_time.unwrap_or_default(),
                message: event.message.unwrap_or_default(),
                id: String::new(),
            }));
            match last {
                Some(last) if full && last > from => from = last,
                Some(last) if full => {
                    let message = format!("more than {MAX_EVENTS} events of one millisecond ({last})");
                    return Err(ApiError::new(503, "ServiceUnavailableException", message));
                }
                _ => break,
            }
        }
        name(&mut lines);
        Ok(lines)
    }

    /// The names of all groups that begin so.
    pub(super) async fn groups(&self, prefix: &str) -> Result<Vec<String>, ApiError> {
        let call =
            self.0.describe_log_groups().set_log_group_name_prefix((!prefix.is_empty()).then(|| prefix.to_owned()));
        let mut pages = call.into_paginator().send();
        let mut names = Vec::new();
        while let Some(page) = pages.next().await {
            let groups = page.map_err(|error| refusal(&error))?.log_groups.unwrap_or_default();
            names.extend(groups.into_iter().filter_map(|group| group.log_group_name));
        }
        Ok(names)
    }
}

/// The emulator's refusal is ours.
fn refusal<E, R>(error: &aws_sdk_cloudwatchlogs::error::SdkError<E, R>) -> ApiError
where
    aws_sdk_cloudwatchlogs::error::SdkError<E, R>: aws_sdk_cloudwatchlogs::error::ProvideErrorMetadata,
{
    let message = error.message().unwrap_or("the emulator does not answer").to_owned();
    match error.code() {
        Some("ResourceNotFoundException") => ApiError::new(400, "ResourceNotFoundException", message),
        Some("InvalidParameterException") => invalid(message),
        _ => ApiError::new(503, "ServiceUnavailableException", message),
    }
}

/// Ids as long as AWS's: the same event has the same one in every answer.
fn name(lines: &mut [Line]) {
    let mut alike: HashMap<u64, u32> = HashMap::new();
    for line in lines {
        let mut hasher = DefaultHasher::new();
        (&line.stream, line.timestamp, line.ingestion_time, &line.message).hash(&mut hasher);
        let hash = hasher.finish();
        let number = alike.entry(hash).and_modify(|number| *number += 1).or_default();
        line.id = format!("{:020}{hash:020}{number:016}", line.timestamp.unsigned_abs());
    }
}

fn output(line: &Line) -> Output {
    Output::Map(vec![
        ("logStreamName", Output::from(&line.stream)),
        ("timestamp", Output::from(line.timestamp)),
        ("message", Output::from(&line.message)),
        ("ingestionTime", Output::from(line.ingestion_time)),
        ("eventId", Output::from(&line.id)),
    ])
}
