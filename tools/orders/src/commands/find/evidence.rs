//! What is known of an order: the table, the dead-letter queue, the log lines, the consumer.

use std::collections::BTreeSet;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::{
    commands::{
        dlq,
        logs::{self, line::Line},
        scan, status,
    },
    environment::Environment,
};

/// Of one order, or of a request that became none.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    pub(super) order_id: Option<String>,
    /// The table's item.
    pub(super) item: Option<Value>,
    pub(super) dead_letter: Option<dlq::Found>,
    /// Dead letters that another command holds: its own may be one of them.
    pub(super) held_letters: u64,
    /// Oldest first.
    pub(super) lines: Vec<Line>,
    /// The event source mapping's state; asked only if it matters.
    pub(super) consumer: Option<String>,
}

pub(super) async fn gather(environment: &Environment, id: &str, since: SignedDuration) -> Result<Vec<Evidence>> {
    // Most ids are an order's, and most orders are stored: one read.
    let stored = of_order(environment, id).await?;
    if stored.item.is_some() {
        let lines = lines(environment, id, since).await?;
        return Ok(vec![Evidence { lines, ..stored }]);
    }
    let named = lines(environment, id, since).await?;
    let dlq::Looked { found: letters, held } = dlq::find(environment, |letter| letter.is_of(id)).await?;
    let of_letters = letters.iter().filter_map(|letter| letter.order_id.clone());
    let orders: BTreeSet<String> = named.iter().filter_map(|line| line.order_id.clone()).chain(of_letters).collect();
    if orders.is_empty() {
        let mut nothing = Evidence { lines: named, held_letters: held, ..Evidence::default() };
        nothing.dead_letter = letters.into_iter().next();
        if nothing.dead_letter.is_none() && !nothing.lines.is_empty() {
            nothing.consumer = Some(consumer(environment).await?);
        }
        return Ok(vec![nothing]);
    }
    let mut all = Vec::new();
    for order_id in orders {
        let mut evidence = of_order(environment, &order_id).await?;
        evidence.lines = if order_id == id { named.clone() } else { lines(environment, &order_id, since).await? };
        if evidence.item.is_none() {
            let known = letters.iter().find(|letter| letter.is_of(&order_id)).cloned();
            (evidence.dead_letter, evidence.held_letters) = match known {
                Some(letter) => (Some(letter), held),
                None => {
                    let looked = dlq::find(environment, |letter| letter.is_of(&order_id)).await?;
                    (looked.found.into_iter().next(), looked.held)
                }
            };
            evidence.consumer = Some(consumer(environment).await?);
        }
        all.push(evidence);
    }
    Ok(all)
}

async fn consumer(environment: &Environment) -> Result<String> {
    let lambda = aws_sdk_lambda::Client::new(&environment.sdk);
    status::consumer(&lambda, environment.output(suite::output::PROCESSOR)?).await
}

async fn of_order(environment: &Environment, order_id: &str) -> Result<Evidence> {
    let item = scan::get(environment, order_id).await?;
    Ok(Evidence { order_id: Some(order_id.to_owned()), item, ..Evidence::default() })
}

/// The lines of both functions that name the id, oldest first.
async fn lines(environment: &Environment, id: &str, since: SignedDuration) -> Result<Vec<Line>> {
    let client = aws_sdk_cloudwatchlogs::Client::new(&environment.sdk);
    let from_ms = (Timestamp::now() - since).as_millisecond();
    let pattern = format!("\"{id}\"");
    let [validator, processor] = logs::groups(environment)?;
    let (validator, processor) = futures::try_join!(
        logs::look(&client, &validator, from_ms, Some(&pattern)),
        logs::look(&client, &processor, from_ms, Some(&pattern)),
    )?;
    let mut lines: Vec<Line> =
        validator.iter().chain(&processor).filter_map(|event| Line::parse(event.message()?)).collect();
    lines.sort_by_key(|line| line.timestamp);
    Ok(lines)
}
