//! `orders dlq list`: what lies there, by reason.

use std::{collections::BTreeMap, process::ExitCode};

use anyhow::Result;
use clap::Args;
use cli::{output, table::Table, text, time::about};
use dead_letter::Letter;
use jiff::Timestamp;
use serde::Serialize;

use super::{
    port::{HELD_S, Queues},
    selection::Selection,
    sweep,
};

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    selection: Selection,
    /// At most so many messages of each reason; --json tells all
    #[arg(long, default_value_t = 10)]
    limit: usize,
}

/// Dead letters that failed alike.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// What they have in common: the kind of failure.
    pub kind: String,
    /// The step that failed.
    pub step: Option<String>,
    /// How many.
    pub count: usize,
    /// Each of them.
    pub messages: Vec<Entry>,
}

/// Nothing of it is personal.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// As `--message` takes it.
    pub message_id: String,
    /// Where it could be read.
    pub order_id: Option<String>,
    /// Of the request that sent it.
    pub trace_id: Option<String>,
    /// Why it is here.
    pub reason: String,
    /// When it was sent.
    pub sent: Option<Timestamp>,
    /// When SQS deletes it.
    pub expires: Option<Timestamp>,
    /// How often the processor has had it.
    pub receive_count: Option<u64>,
}

impl Entry {
    pub(super) fn of(letter: &Letter, retention_s: i64) -> Self {
        let sent = letter.sent();
        Self {
            message_id: letter.message_id.clone(),
            order_id: letter.order_id(),
            trace_id: letter.trace_id(),
            reason: letter.reason().to_owned(),
            sent,
            expires: sent.and_then(|sent| sent.checked_add(jiff::SignedDuration::from_secs(retention_s)).ok()),
            receive_count: letter.receive_count(),
        }
    }
}

pub(crate) async fn run(queue: &impl Queues, args: &ListArgs, json: bool) -> Result<ExitCode> {
    let mut letters = sweep::look(queue).await?;
    letters.retain(|letter| args.selection.takes(letter));
    let groups = groups(&letters, queue.retention_s());
    if json {
        output::json(&groups)?;
    } else if groups.is_empty() {
        output::line(format_args!("{} has no messages{}", queue.dead_letters_name(), args.selection.words()))?;
    } else {
        print(&groups, args.limit)?;
        cli::note!("\nSee one: orders dlq show ID. Back to {}: orders dlq redrive --dry-run", queue.orders_name());
    }
    let result = if groups.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    unless_held(queue, letters.len(), result).await
}

/// What an interrupted command, or one that runs, holds is not seen by this one: nothing seen is then not nothing there.
pub(super) async fn unless_held(queue: &impl Queues, seen: usize, result: ExitCode) -> Result<ExitCode> {
    let held = if seen == 0 { queue.held().await? } else { 0 };
    if held == 0 {
        return Ok(result);
    }
    let until = Timestamp::now() + jiff::SignedDuration::from_secs(HELD_S.into());
    cli::note!(
        "{} held by a command that runs or was cut off: they show again until {} at the latest.",
        text::count(usize::try_from(held).unwrap_or(usize::MAX), "message"),
        until.strftime("%H:%M:%SZ")
    );
    Ok(ExitCode::FAILURE)
}

/// The largest group first, in each the oldest message first.
pub(super) fn groups(letters: &[Letter], retention_s: i64) -> Vec<Group> {
    let mut by_kind: BTreeMap<(&str, Option<&str>), Vec<Entry>> = BTreeMap::new();
    for letter in letters {
        by_kind.entry((letter.kind(), letter.step())).or_default().push(Entry::of(letter, retention_s));
    }
    let mut groups: Vec<_> = by_kind
        .into_iter()
        .map(|((kind, step), mut messages)| {
            messages.sort_by_key(|entry| entry.sent);
            Group { kind: kind.to_owned(), step: step.map(str::to_owned), count: messages.len(), messages }
        })
        .collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.count));
    groups
}

/// One line a group: how many, why, and where.
pub(super) fn heading(group: &Group) -> String {
    let step = group.step.as_ref().map(|step| format!(", step {step}")).unwrap_or_default();
    text::clean(&format!("{} {}{step}", group.count, group.kind))
}

fn print(groups: &[Group], limit: usize) -> Result<()> {
    let now = Timestamp::now();
    for (n, group) in groups.iter().enumerate() {
        if n > 0 {
            output::line("")?;
        }
        output::line(heading(group))?;
        let mut table = Table::new(["  MESSAGE", "ORDER", "TRACE", "AGE", "EXPIRES IN", "REASON"]);
        let dash = || "-".to_owned();
        for entry in group.messages.iter().take(limit) {
            table.row([
                format!("  {}", entry.message_id),
                entry.order_id.clone().unwrap_or_else(dash),
                entry.trace_id.clone().unwrap_or_else(dash),
                entry.sent.map_or_else(dash, |sent| about((now.as_second() - sent.as_second()).max(0))),
                entry.expires.map_or_else(dash, |expires| about((expires.as_second() - now.as_second()).max(0))),
                text::clean(&entry.reason),
            ]);
        }
        table.print()?;
        if group.count > limit {
            output::line(format_args!("  and {} more: --limit {}", group.count - limit, group.count))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{super::memory::letter, *};

    #[test]
    fn messages_are_grouped_by_kind_with_the_most_frequent_first() {
        let letters = [
            letter("m1", 1, Some("Conflict: another order")),
            letter("m2", 2, Some("Undecodable: syntax error at line 1, column 1")),
            letter("m3", 3, Some("Undecodable: syntax error at line 1, column 9")),
        ];
        let groups = groups(&letters, 60);
        assert_eq!(
            groups.iter().map(heading).collect::<Vec<_>>(),
            ["2 Undecodable, step decode", "1 Conflict, step decode"]
        );
        assert_eq!(groups[0].messages[0].expires.unwrap().as_second(), 1_767_571_260);
    }
}
