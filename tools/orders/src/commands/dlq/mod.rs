//! `orders dlq`: see why orders ended in the dead-letter queue, and decide what becomes of them.
//!
//! Done on this side of SQS, because SQS's own redrive (StartMessageMoveTask) moves everything or nothing, and refuses
//! messages that were sent to the dead-letter queue, as the processor sends those that no retry will help.

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

use crate::environment::Environment;

mod act;
mod find;
mod interrupt;
mod list;
mod port;
mod purge;
mod redrive;
mod selection;
mod show;
mod sqs;
mod sweep;

pub use act::{Fate, discard, groups, message, redrive};
pub(crate) use find::{Found, Looked, find};
pub use list::{Entry, Group};
pub use selection::Selection;

#[cfg(test)]
mod memory;

const EXIT_CODES: &str = "Exit codes: 0 done (list: the queue is empty), 1 something is left \
    (list: orders lie there; show: no such message; redrive, purge: not confirmed, or some are still there), \
    2 the command could not run";

#[derive(Debug, Subcommand)]
#[command(after_help = EXIT_CODES)]
pub(crate) enum DlqCommand {
    /// What lies there, by reason
    #[command(after_help = format!("Examples:\n  orders dlq list\n  orders dlq list --reason undecodable\n\n{EXIT_CODES}"))]
    List(list::ListArgs),
    /// One message: its attributes, and its body only if asked for
    #[command(after_help = format!("Examples:\n  orders dlq show 50107687-2281-44d9-a75c-996f7a4f50ed    by message or order\n  \
        orders dlq show 50107687-2281-44d9-a75c-996f7a4f50ed --body > kept.json\n\n{EXIT_CODES}"))]
    Show(show::ShowArgs),
    /// Back to the orders queue, with the same trace
    Redrive(redrive::RedriveArgs),
    /// Delete for good
    Purge(purge::PurgeArgs),
}

pub(crate) async fn run(environment: &Environment, command: DlqCommand, json: bool) -> Result<ExitCode> {
    if matches!(command, DlqCommand::Redrive(_) | DlqCommand::Purge(_)) {
        environment.announce();
    }
    interrupt::watch();
    let hold_s = match &command {
        DlqCommand::Redrive(args) => args.hold_s(),
        _ => port::HELD_S,
    };
    let queue = sqs::SqsQueues::open(environment, hold_s).await?;
    match command {
        DlqCommand::List(args) => list::run(&queue, &args, json).await,
        DlqCommand::Show(args) => show::run(&queue, &args, json).await,
        DlqCommand::Redrive(args) => redrive::run(&queue, &args, json).await,
        DlqCommand::Purge(args) => purge::run(&queue, &args, json).await,
    }
}
