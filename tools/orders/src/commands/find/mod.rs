//! `orders find`: where an order is now, in one line.

mod answer;
mod evidence;

use std::process::ExitCode;

pub use answer::{Answer, State};
use anyhow::Result;
use clap::Args;
use cli::{output, time};
use jiff::SignedDuration;

use crate::environment::Environment;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    orders find 50107687-2281-44d9-a75c-996f7a4f50ed    by orderId, message id or request id\n  \
    orders find 1-6b040abb-0da84e1398cccff644ce6827     by trace id\n\n\
    Answers: STORED, WAITING, DEAD-LETTERED, REFUSED, UNKNOWN\n\
    Exit codes: 0 stored, 1 not stored, 2 the command could not run")]
pub(crate) struct FindArgs {
    /// An order's id, or that of its message, of its request, or of its trace
    #[arg(value_name = "ID", value_parser = crate::id::any)]
    id: String,
    /// How far back log lines are searched: 30s, 10m, 1h30m, 30d
    #[arg(long, default_value = "1d", value_parser = time::since)]
    since: SignedDuration,
}

pub(crate) async fn run(environment: &Environment, args: &FindArgs, json: bool) -> Result<ExitCode> {
    let waiting = cli::progress::Waiting::begin("the table, the queues and the log lines");
    let answers = answers(environment, &args.id, args.since).await?;
    drop(waiting);
    if json {
        output::json(&serde_json::json!({"id": args.id, "orders": answers}))?;
    } else {
        for answer in &answers {
            print(environment, answer, answers.len() > 1 || answer.order_id.as_deref() != Some(&args.id))?;
        }
    }
    Ok(cli::exit::of(answers.iter().all(Answer::is_stored)))
}

/// One for each order that the id is of; most ids are of one.
pub async fn answers(environment: &Environment, id: &str, since: SignedDuration) -> Result<Vec<Answer>> {
    let evidence = evidence::gather(environment, id, since).await?;
    Ok(evidence.iter().map(|evidence| answer::of(evidence, since)).collect())
}

/// The answer, and what to do next.
pub(crate) fn print(environment: &Environment, answer: &Answer, with_id: bool) -> Result<()> {
    let id = match &answer.order_id {
        Some(order_id) if with_id => format!("order {order_id}: "),
        _ => String::new(),
    };
    output::line(format_args!("{id}{}", answer.line(cli::colour::Paint::stdout())))?;
    if let Some(next) = &answer.next {
        cli::note!("Next: {}", environment.hint(next));
    }
    Ok(())
}
