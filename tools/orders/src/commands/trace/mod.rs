//! `orders trace`: what became of an order, step by step, out of X-Ray and CloudWatch Logs.

mod absent;
mod find;
mod index;
mod lines;
mod list;
mod look;
mod picture;
mod show;
mod transaction_search;

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use jiff::SignedDuration;
pub use list::Row;
pub use look::{of, search};

use self::find::Finder;
use super::find as find_command;
use crate::environment::Environment;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    orders trace 50107687-2281-44d9-a75c-996f7a4f50ed    an order's way, step by step\n  \
    orders trace 1-6b040abb-0da84e1398cccff644ce6827     by trace id\n  \
    orders trace --failed --since 1d                     those in which a step failed\n  \
    orders trace --slowest 5                             the slowest\n\n\
    Exit codes: 0 shown, and the order is stored, 1 it is not stored, there is no trace, or --failed found some, 2 the command could not run")]
pub(crate) struct TraceArgs {
    /// An orderId, or a trace id (1-...)
    #[arg(required_unless_present_any = ["slowest", "failed"], conflicts_with_all = ["slowest", "failed"], value_parser = crate::id::any)]
    order_id: Option<String>,
    /// List the slowest traces
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "10")]
    slowest: Option<usize>,
    /// List the traces with a failed step or a refused request
    #[arg(long)]
    failed: bool,
    /// How far back: 30s, 10m, 2h, 1d; X-Ray keeps traces for 30 days
    #[arg(long, default_value = "6h", value_parser = cli::time::since)]
    since: SignedDuration,
    #[command(flatten)]
    picture: picture::PictureArgs,
}

/// Older traces are gone.
const RETENTION: SignedDuration = SignedDuration::from_hours(30 * 24);

pub(crate) async fn run(environment: &Environment, args: &TraceArgs, json: bool) -> Result<ExitCode> {
    let since = args.since.min(RETENTION);
    if since < args.since {
        cli::note!("X-Ray keeps traces for 30 days: older ones are gone.");
    }
    let finder = Finder::new(environment, since).await;
    let Some(id) = &args.order_id else {
        return list::run(&finder, args.slowest, args.failed, json).await;
    };
    let found = if id.starts_with("1-") {
        finder.by_trace_id(id).await?
    } else {
        match finder.by_order(id).await? {
            found if found.traces.is_empty() => absent::look_again(environment, &finder, id, since).await?,
            found => found,
        }
    };
    // Shown or not, an order that is not stored is no success.
    let answers = find_command::answers(environment, id, since).await?;
    let is_well = answers.iter().all(find_command::Answer::is_stored);
    if !json {
        for answer in &answers {
            find_command::print(environment, answer, answer.order_id.as_deref() != Some(id))?;
        }
    }
    if found.traces.is_empty() {
        if id.starts_with("1-") {
            cli::note!("X-Ray has no trace {id}: it was not sampled, is not there yet, or is older than 30 days.");
        }
        if json {
            show::json(environment, id, &answers, finder.source(), Vec::new())?;
        }
        return Ok(ExitCode::FAILURE);
    }
    args.picture.write(&found.traces)?;
    show::run(environment, id, &answers, finder.source(), found, json)?;
    Ok(cli::exit::of(is_well))
}
