//! `orders consumer`: stop taking orders from the queue, and start again. Waiting orders are safe: the queue keeps them for
//! days, the dead-letter queue is not touched, and nothing counts as a try.

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use aws_sdk_lambda::Client;
use clap::Subcommand;
use cli::{output, progress::Waiting};

use super::status;
use crate::environment::Environment;

#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum ConsumerCommand {
    /// Orders wait in the queue: what is in flight is finished, nothing new is taken
    #[command(after_help = "Examples:\n  orders consumer stop    returns when it is Disabled: up to a minute on AWS")]
    Stop,
    /// Orders are taken again
    #[command(after_help = "Examples:\n  orders consumer start")]
    Start,
    /// Enabled, Disabled, or on its way
    #[command(after_help = "Examples:\n  orders consumer status\n\n\
        Exit codes: 0 Enabled, 1 not, 2 the command could not run")]
    Status,
}

const BETWEEN_LOOKS: Duration = Duration::from_secs(1);
/// AWS takes up to a minute or so.
const WITHIN: Duration = Duration::from_secs(180);

pub(crate) async fn run(environment: &Environment, command: ConsumerCommand, json: bool) -> Result<ExitCode> {
    if !matches!(command, ConsumerCommand::Status) {
        environment.announce();
    }
    let lambda = Client::new(&environment.sdk);
    let processor = environment.output(suite::output::PROCESSOR)?;
    let state = match command {
        ConsumerCommand::Status => status::consumer(&lambda, processor).await?,
        ConsumerCommand::Stop => set(&lambda, processor, false).await?,
        ConsumerCommand::Start => set(&lambda, processor, true).await?,
    };
    if json {
        output::json(&serde_json::json!({"consumer": state}))?;
    } else {
        output::line(&state)?;
    }
    match command {
        ConsumerCommand::Stop => cli::note!("Orders wait in the queue until: {}", environment.hint("consumer start")),
        ConsumerCommand::Start => cli::note!("See the queue empty: {}", environment.hint("queue")),
        ConsumerCommand::Status if state != "Enabled" => return Ok(ExitCode::FAILURE),
        ConsumerCommand::Status => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// Stops or starts it, and waits until it has.
pub async fn switch(environment: &Environment, enabled: bool) -> Result<String> {
    set(&aws_sdk_lambda::Client::new(&environment.sdk), environment.output(suite::output::PROCESSOR)?, enabled).await
}

/// Idempotent: asks for a state and waits until it is there.
async fn set(lambda: &Client, processor: &str, enabled: bool) -> Result<String> {
    let wanted = if enabled { "Enabled" } else { "Disabled" };
    if status::consumer(lambda, processor).await? == wanted {
        return Ok(wanted.to_owned());
    }
    let mapping = status::mapping(lambda, processor).await?;
    let uuid = mapping
        .and_then(|mapping| mapping.uuid)
        .with_context(|| format!("nothing feeds {processor}: `make deploy` makes its event source mapping"))?;
    lambda
        .update_event_source_mapping()
        .uuid(uuid)
        .enabled(enabled)
        .send()
        .await
        .context("can't change the processor's event source mapping")?;
    let _waiting = Waiting::begin(format!("the consumer to be {wanted}"));
    let begun = Instant::now();
    loop {
        let state = status::consumer(lambda, processor).await?;
        if state == wanted {
            return Ok(state);
        }
        if begun.elapsed() > WITHIN {
            bail!(
                "the event source mapping is {state} and not {wanted} after {} s: see `orders consumer status`",
                WITHIN.as_secs()
            );
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}
