//! `orders dlq redrive`: back to the orders queue.
//!
//! Each message is received, sent, and only then deleted. A crash between sending and deleting leaves it in both queues: the
//! processor stores an order once, and the second copy is a duplicate to it. No crash leaves it in none.

use std::{collections::HashSet, process::ExitCode};

use anyhow::Result;
use clap::Args;
use cli::{output, text};
use dead_letter::Letter;

use super::{
    interrupt,
    list::{self, Group},
    port::{Failed, HELD_S, Queues},
    selection::Selection,
    sweep::{self, Sweep},
};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    orders dlq redrive --dry-run            what would go back\n  \
    orders dlq redrive --reason throttl     those of one reason; asks first\n  \
    orders dlq redrive --order 50107687-2281-44d9-a75c-996f7a4f50ed\n\n\
    Exit codes: 0 all of them are back in the orders queue, or there was none, 1 not confirmed, or some \
    could not be had,\n2 the command could not run, or was interrupted. Safe to interrupt and to run again: an order is stored once, however often it is sent.")]
pub(crate) struct RedriveArgs {
    #[command(flatten)]
    selection: Selection,
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// For how long a message is hidden while it is worked on; after a crash it is shown again so much later
    #[arg(long, value_name = "SECONDS", default_value_t = HELD_S, value_parser = clap::value_parser!(u32).range(5..=43_200))]
    hold: u32,
}

impl RedriveArgs {
    pub(super) fn hold_s(&self) -> u32 {
        self.hold
    }
}

pub(crate) async fn run(queue: &impl Queues, args: &RedriveArgs, json: bool) -> Result<ExitCode> {
    let mut letters = sweep::look(queue).await?;
    letters.retain(|letter| args.selection.takes(letter));
    let groups = list::groups(&letters, queue.retention_s());
    tell_plan(&groups, queue, &args.selection);
    let count = letters.len();
    if args.dry_run || count == 0 {
        let result = tell_result(json, count, 0, args.dry_run)?;
        return list::unless_held(queue, count, result).await;
    }
    let question = format!("Send {} back to {}?", messages(count), queue.orders_name());
    if !interrupt::ask(&question, args.yes)? {
        cli::note!("Nothing was done.");
        return Ok(ExitCode::FAILURE);
    }
    let wanted = letters.into_iter().map(|letter| letter.message_id).collect();
    let done = for_each(queue, wanted, "sent back", async |letter: &Letter| {
        queue.send_to_orders(letter).await?;
        queue
            .delete(letter)
            .await
            .map_err(|failed| failed.context("it is in both queues now, which does no harm: an order is stored once"))
    })
    .await?;
    tell_result(json, count, done, false)
}

fn tell_plan(groups: &[Group], queue: &impl Queues, selection: &Selection) {
    if groups.is_empty() {
        cli::note!("{} has no messages{}.", queue.dead_letters_name(), selection.words());
        return;
    }
    cli::note!("From {} to {}{}:", queue.dead_letters_name(), queue.orders_name(), selection.words());
    for group in groups {
        // The processor moves only what no retry helps, and says in which step.
        let again = if group.step.is_some() { "  (will be back: no retry helps)" } else { "" };
        cli::note!("  {}{again}", list::heading(group));
    }
}

fn tell_result(json: bool, selected: usize, done: usize, dry_run: bool) -> Result<ExitCode> {
    if json {
        output::json(&serde_json::json!({"selected": selected, "redriven": done, "dryRun": dry_run}))?;
    } else if dry_run {
        output::line(format_args!("{} would be sent back", messages(selected)))?;
    } else {
        output::line(format_args!("{} of {} sent back", done, messages(selected)))?;
    }
    if !dry_run && done > 0 {
        cli::note!("See them stored: orders queue, orders dlq list");
    }
    Ok(if dry_run || done == selected { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(super) fn messages(count: usize) -> String {
    text::count(count, "message")
}

/// Does something to each of those messages, received anew: whatever was hidden while a person thought is not any more.
/// What is not wanted, or not reached, is shown again.
pub(super) async fn for_each<Q: Queues>(
    queue: &Q,
    mut wanted: HashSet<String>,
    verb: &str,
    act: impl AsyncFn(&Letter) -> Result<(), Failed>,
) -> Result<usize> {
    let total = wanted.len();
    let mut held = Vec::new();
    let result = act_on(queue, &mut wanted, &mut held, verb, act).await;
    queue.release(&held).await?;
    let failed = match &result {
        Ok(failed) => *failed,
        Err(_) => 0,
    };
    let done = total - wanted.len() - failed;
    if let Err(error) = result {
        return Err(error.context(format!("stopped after {done} of {total}; run it again for the rest")));
    }
    if failed > 0 {
        cli::note!("{} left in place, for the reasons above.", messages(failed));
    }
    if !wanted.is_empty() {
        cli::note!(
            "{} could not be had: somebody else holds or has taken them. Look again in five minutes.",
            messages(wanted.len())
        );
    }
    Ok(done)
}

/// How many messages pass between two words on progress.
const PROGRESS: usize = 100;

/// Tells how many messages the queue has refused; one that it refuses is told, shown again and passed over.
async fn act_on<Q: Queues>(
    queue: &Q,
    wanted: &mut HashSet<String>,
    held: &mut Vec<Letter>,
    verb: &str,
    act: impl AsyncFn(&Letter) -> Result<(), Failed>,
) -> Result<usize> {
    let (total, mut failed) = (wanted.len(), 0);
    let mut sweep = Sweep::new(queue);
    while !wanted.is_empty() {
        let Some(letters) = sweep.next().await? else { break };
        let (ours, others): (Vec<_>, Vec<_>) =
            letters.into_iter().partition(|letter| wanted.contains(&letter.message_id));
        held.extend(others);
        let mut ours = ours.into_iter();
        while let Some(letter) = ours.next() {
            let acted = match interrupt::check() {
                Ok(()) => act(&letter).await,
                Err(interrupted) => Err(Failed::Queue(interrupted)),
            };
            match acted {
                Ok(()) => drop(wanted.remove(&letter.message_id)),
                Err(Failed::Message(error)) => {
                    cli::note!("message {}: {}", letter.message_id, text::clean(&format!("{error:#}")));
                    wanted.remove(&letter.message_id);
                    held.push(letter);
                    failed += 1;
                    continue;
                }
                Err(Failed::Queue(error)) => {
                    held.push(letter);
                    held.extend(ours);
                    return Err(error);
                }
            }
            let done = total - wanted.len() - failed;
            if done.is_multiple_of(PROGRESS) && done < total {
                cli::note!("{done} of {total} {verb}");
            }
        }
    }
    Ok(failed)
}

#[cfg(test)]
mod tests {
    use super::{
        super::memory::{Memory, letter, order_id},
        *,
    };

    fn queue() -> Memory {
        Memory::of((0..23).map(|n| {
            let reason = if n % 2 == 0 { Some("Conflict: x") } else { None };
            letter(&format!("m{n}"), n, reason)
        }))
    }

    async fn redrive(queue: &Memory, reason: Option<&str>) -> Result<ExitCode> {
        let selection = Selection { reason: reason.map(str::to_owned), ..Selection::default() };
        run(queue, &RedriveArgs { selection, dry_run: false, yes: true, hold: HELD_S }, false).await
    }

    #[tokio::test]
    async fn only_what_is_selected_goes_and_the_rest_stays_visible() {
        let queue = queue();
        redrive(&queue, Some("conflict")).await.unwrap();
        assert_eq!((queue.orders().len(), queue.dead().len(), queue.visible()), (12, 11, 11));
        assert!(queue.orders().iter().all(|order| (0..23).step_by(2).any(|n| *order == order_id(n))));
    }

    #[tokio::test]
    async fn each_message_is_deleted_after_it_was_sent() {
        let queue = queue();
        redrive(&queue, None).await.unwrap();
        let calls: Vec<_> = queue.calls().into_iter().filter(|call| !call.starts_with("receive")).collect();
        assert_eq!(calls.len(), 46);
        for pair in calls.chunks(2) {
            let id = pair[0].strip_prefix("send ").unwrap();
            assert_eq!(pair[1], format!("delete {id}"));
        }
    }

    #[tokio::test]
    async fn a_stop_between_sending_and_deleting_makes_a_duplicate_and_never_a_loss() {
        for nth in [1, 7, 23] {
            let queue = queue();
            queue.break_at("delete", nth);
            let error = format!("{:#}", redrive(&queue, None).await.unwrap_err());
            assert!(error.contains(&format!("stopped after {} of 23", nth - 1)), "{error}");
            assert_eq!(queue.visible(), queue.dead().len());
            redrive(&queue, None).await.unwrap();
            let (orders, distinct) = (queue.orders(), queue.orders().into_iter().collect::<HashSet<_>>());
            assert_eq!((orders.len(), distinct.len(), queue.dead().len()), (24, 23, 0));
        }
    }

    #[tokio::test]
    async fn one_that_cannot_be_sent_back_stays_and_stops_no_other() {
        let queue = queue();
        queue.fail_call("send", 3);
        assert_eq!(redrive(&queue, None).await.unwrap(), ExitCode::FAILURE);
        assert_eq!((queue.orders().len(), queue.dead().len(), queue.visible()), (22, 1, 1));
    }

    #[tokio::test]
    async fn a_queue_that_cannot_be_reached_stops_all() {
        let queue = queue();
        queue.break_at("send", 3);
        assert!(redrive(&queue, None).await.is_err());
        assert_eq!((queue.orders().len(), queue.dead().len(), queue.visible()), (2, 21, 21));
    }

    #[tokio::test]
    async fn what_another_holds_is_not_nothing() {
        let queue = queue();
        let first = queue.receive().await.unwrap().len() as u64;
        while !queue.receive().await.unwrap().is_empty() {}
        assert!(first > 0 && queue.held().await.unwrap() == 23);
        assert_eq!(redrive(&queue, None).await.unwrap(), ExitCode::FAILURE);
    }

    #[tokio::test]
    async fn a_dry_run_changes_nothing() {
        let queue = queue();
        let args = RedriveArgs { selection: Selection::default(), dry_run: true, yes: false, hold: HELD_S };
        run(&queue, &args, false).await.unwrap();
        assert_eq!((queue.orders().len(), queue.visible()), (0, 23));
    }
}
