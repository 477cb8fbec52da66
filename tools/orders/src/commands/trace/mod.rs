//! `orders trace`: what became of an order, step by step, out of X-Ray and CloudWatch Logs.

mod absent;
mod find;
mod lines;
mod list;
mod look;
mod picture;
mod show;

use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;
use jiff::SignedDuration;

use super::find as find_command;
use crate::environment::Environment;
use find::Finder;

pub use list::Row;
pub use look::{of, search};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    orders trace 50107687-2281-44d9-a75c-996f7a4f50ed    an order's way, step by step\n  \
    orders trace 1-6b040abb-0da84e1398cccff644ce6827     by trace id\n  \
    orders trace --failed --since 1d                     those in which a step failed\n  \
    orders trace --slowest 5                             the slowest\n\n\
    Exit codes: 0 shown, and the order is stored, 1 it is not stored, there is no trace, or --failed found some, 2 the command could not run")]
pub(crate) struct TraceArgs {
    /// An orderId, or a trace id (1-...)
    #[arg(required_unless_present_any = ["slowest", "failed"], conflicts_with_all = ["slowest", "failed"], value_parser = id)]
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
    let finder = Finder::new(environment, since);
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
            show::json(environment, id, &answers, Vec::new())?;
        }
        return Ok(ExitCode::FAILURE);
    }
    args.picture.write(&found.traces)?;
    show::run(environment, id, &answers, found, json)?;
    Ok(cli::exit::of(is_well))
}

/// It goes into a filter expression and a filter pattern, both in quotes.
pub fn id(text: &str) -> Result<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if text.is_empty() || text.len() > 128 || !text.chars().all(plain) {
        bail!("an orderId is letters, digits and hyphens, as `orders send` prints it");
    }
    // A trace id, or another system's id, is taken as it is.
    Ok(crate::id::parse(text).unwrap_or_else(|_| text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_can_not_leave_the_quotes_it_is_put_in() {
        assert!(id("6f9619ff-8b86-4d01-b42d-00cf4fc964ff").is_ok());
        assert!(id("1-65432100-0000000000000000000000a1").is_ok());
        for wrong in ["", "a\" OR fault", "a b", "ä", &"a".repeat(129)] {
            assert!(id(wrong).is_err(), "{wrong}");
        }
    }
}
