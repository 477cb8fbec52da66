//! `orders dlq purge`: orders are given up, for good.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use cli::output;
use dead_letter::Letter;

use super::{
    interrupt, list,
    port::Queues,
    redrive::{for_each, messages},
    selection::Selection,
    sweep,
};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    orders dlq purge --dry-run                what would be deleted\n  \
    orders dlq purge --reason undecodable     those of one reason; asks first\n\n\
    Nothing brings a purged order back. Keep it first: orders dlq show ID --body > FILE\n\
    Exit codes: 0 they are deleted, or there was none, 1 not confirmed or some could not be had, 2 the command could not run")]
pub(crate) struct PurgeArgs {
    #[command(flatten)]
    selection: Selection,
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub(crate) async fn run(queue: &impl Queues, args: &PurgeArgs, json: bool) -> Result<ExitCode> {
    let mut letters = sweep::look(queue).await?;
    letters.retain(|letter| args.selection.takes(letter));
    let count = letters.len();
    for group in list::groups(&letters, queue.retention_s()) {
        cli::note!("  {}", list::heading(&group));
    }
    let mut deleted = 0;
    if !args.dry_run && count > 0 {
        let question = format!("Delete {} from {} for good?", messages(count), queue.dead_letters_name());
        if !interrupt::ask(&question, args.yes)? {
            cli::note!("Nothing was done.");
            return Ok(ExitCode::FAILURE);
        }
        let wanted = letters.into_iter().map(|letter| letter.message_id).collect();
        deleted = for_each(queue, wanted, "deleted", async |letter: &Letter| queue.delete(letter).await).await?;
    }
    if json {
        output::json(&serde_json::json!({"selected": count, "deleted": deleted, "dryRun": args.dry_run}))?;
    } else if args.dry_run {
        output::line(format_args!("{} would be deleted", messages(count)))?;
    } else {
        output::line(format_args!("{deleted} of {} deleted", messages(count)))?;
    }
    let result = if args.dry_run || deleted == count { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    list::unless_held(queue, count, result).await
}

#[cfg(test)]
mod tests {
    use super::{
        super::memory::{Memory, letter},
        *,
    };

    #[tokio::test]
    async fn only_what_is_selected_is_deleted_and_nothing_is_sent() {
        let queue = Memory::of([letter("m1", 1, Some("Undecodable: x")), letter("m2", 2, None)]);
        let selection = Selection { reason: Some("undecodable".into()), ..Selection::default() };
        run(&queue, &PurgeArgs { selection, dry_run: false, yes: true }, false).await.unwrap();
        assert_eq!((queue.dead(), queue.visible(), queue.orders().len()), (vec!["m2".to_owned()], 1, 0));
    }
}
