//! Reads log groups: once, or on and on.

use std::collections::{HashMap, HashSet};

use anyhow::{Error, Result, anyhow};
use aws_sdk_cloudwatchlogs::{Client, types::FilteredLogEvent};

/// Lines reach CloudWatch Logs late and out of order: each look goes back so far behind the newest line.
const LATENESS_MS: i64 = 30_000;

/// A group that is read on and on; each line comes once.
pub(super) struct Tail<'a> {
    client: &'a Client,
    group: String,
    filter: Option<String>,
    from_ms: i64,
    shown: HashSet<String>,
}

impl<'a> Tail<'a> {
    pub(super) fn new(client: &'a Client, group: String, from_ms: i64, filter: Option<String>) -> Self {
        Self { client, group, filter, from_ms, shown: HashSet::new() }
    }

    /// What has come since the last look.
    pub(super) async fn next(&mut self) -> Result<Vec<FilteredLogEvent>> {
        let events = look(self.client, &self.group, self.from_ms, self.filter.as_deref()).await?;
        let newest = events.iter().filter_map(FilteredLogEvent::timestamp).max().unwrap_or(self.from_ms);
        self.from_ms = self.from_ms.max(newest - LATENESS_MS);
        let identities: Vec<String> = identities(&events).collect();
        Ok(identities
            .into_iter()
            .zip(events)
            .filter_map(|(id, event)| self.shown.insert(id).then_some(event))
            .collect())
    }
}

/// All events of a group from a time on that fit a filter pattern.
pub(crate) async fn look(
    client: &Client,
    group: &str,
    from_ms: i64,
    filter: Option<&str>,
) -> Result<Vec<FilteredLogEvent>> {
    let mut pages = client
        .filter_log_events()
        .log_group_name(group)
        .start_time(from_ms)
        .set_filter_pattern(filter.map(str::to_owned))
        .into_paginator()
        .send();
    let mut events = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| match error.as_service_error() {
            Some(service) if service.is_resource_not_found_exception() => {
                anyhow!("there is no log group {group}: no such function, or it has never run")
            }
            _ => Error::new(error).context(format!("can't read the log group {group}")),
        })?;
        events.extend(page.events.unwrap_or_default());
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
