//! `orders queue`: the two queues in numbers.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use aws_sdk_sqs::{Client, types::QueueAttributeName as Attribute};
use clap::Args;
use cli::{output, table::Table};
use serde::Serialize;

use crate::environment::Environment;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  orders queue                                   both queues\n  \
    orders --json queue | jq .deadLetters.waiting  for a script")]
pub(crate) struct QueueArgs {}

/// SQS's own words, and approximate as SQS says.
#[derive(Debug, Serialize)]
pub struct Depth {
    /// `ApproximateNumberOfMessages`.
    pub waiting: u64,
    /// `ApproximateNumberOfMessagesNotVisible`.
    #[serde(rename = "inFlight")]
    pub in_flight: u64,
    /// `ApproximateNumberOfMessagesDelayed`.
    pub delayed: u64,
}

/// Both queues.
#[derive(Debug, Serialize)]
pub struct Queues {
    /// What waits for the processor.
    pub orders: Depth,
    /// What it gave up.
    #[serde(rename = "deadLetters")]
    pub dead_letters: Depth,
}

/// Asks SQS for the attributes of both.
///
/// # Errors
///
/// If the environment lacks a queue, or SQS refuses.
pub async fn read(environment: &Environment) -> Result<Queues> {
    let sqs = Client::new(&environment.sdk);
    Ok(Queues {
        orders: depth(&sqs, environment.output(suite::output::QUEUE_URL)?).await?,
        dead_letters: depth(&sqs, environment.output(suite::output::DEAD_LETTER_QUEUE_URL)?).await?,
    })
}

async fn depth(sqs: &Client, url: &str) -> Result<Depth> {
    let attributes = sqs
        .get_queue_attributes()
        .queue_url(url)
        .attribute_names(Attribute::ApproximateNumberOfMessages)
        .attribute_names(Attribute::ApproximateNumberOfMessagesNotVisible)
        .attribute_names(Attribute::ApproximateNumberOfMessagesDelayed)
        .send()
        .await
        .with_context(|| format!("can't read the queue {url}"))?
        .attributes
        .unwrap_or_default();
    let count = |name: Attribute| -> Result<u64> {
        let text = attributes.get(&name).with_context(|| format!("SQS does not tell {name}"))?;
        text.parse().with_context(|| format!("SQS tells {text:?} for {name}"))
    };
    Ok(Depth {
        waiting: count(Attribute::ApproximateNumberOfMessages)?,
        in_flight: count(Attribute::ApproximateNumberOfMessagesNotVisible)?,
        delayed: count(Attribute::ApproximateNumberOfMessagesDelayed)?,
    })
}

pub(crate) async fn run(environment: &Environment, _args: &QueueArgs, json: bool) -> Result<ExitCode> {
    let queues = read(environment).await?;
    if json {
        output::json(&queues)?;
    } else {
        let mut table = Table::new(["QUEUE", "WAITING", "IN FLIGHT", "DELAYED"]);
        for (name, depth) in [("orders", &queues.orders), ("dead letters", &queues.dead_letters)] {
            let [waiting, in_flight, delayed] = [depth.waiting, depth.in_flight, depth.delayed].map(|n| n.to_string());
            table.row([name, &waiting, &in_flight, &delayed]);
        }
        table.print()?;
    }
    Ok(ExitCode::SUCCESS)
}
