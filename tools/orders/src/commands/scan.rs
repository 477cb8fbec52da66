//! `orders scan`: what the table keeps.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, Select},
};
use clap::Args;
use cli::{output, table::Table, text};
use serde_json::Value;

use crate::{environment::Environment, id, item};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    orders scan                                         the newest 20\n  \
    orders scan 50107687-2281-44d9-a75c-996f7a4f50ed    one, whole\n  \
    orders scan --count                                 how many there are; reads the whole table\n\n\
    Exit codes: 0 told, 1 that order is not stored, 2 the command could not run")]
pub(crate) struct ScanArgs {
    /// Only this order
    #[arg(value_parser = id::parse)]
    order_id: Option<String>,
    /// Number of orders, the newest
    #[arg(long, default_value_t = 20)]
    limit: usize,
    /// Only how many there are
    #[arg(long, conflicts_with_all = ["order_id", "limit"])]
    count: bool,
}

pub(crate) async fn run(environment: &Environment, args: &ScanArgs, json: bool) -> Result<ExitCode> {
    if args.count {
        let count = count(environment).await?;
        if json {
            output::json(&serde_json::json!({"count": count}))?
        } else {
            output::line(count)?
        }
        return Ok(ExitCode::SUCCESS);
    }
    let mut orders = match &args.order_id {
        Some(order_id) => get(environment, order_id).await?.into_iter().collect(),
        None => scan(environment).await?,
    };
    if let (true, Some(order_id)) = (orders.is_empty(), &args.order_id) {
        if json {
            output::json(&orders)?;
        }
        cli::note!(
            "Order {order_id} is not stored. What became of it: {}",
            environment.hint(&format!("find {order_id}"))
        );
        return Ok(ExitCode::FAILURE);
    }
    let all = orders.len();
    orders.sort_by_cached_key(|order| order["createdAt"].as_str().and_then(|at| at.parse::<jiff::Timestamp>().ok()));
    orders.drain(..all.saturating_sub(args.limit));
    if json || args.order_id.is_some() {
        output::json(&orders)?;
    } else {
        let mut table = Table::new(["ORDER", "STATUS", "CREATED", "ITEMS", "TOTAL"]).right([3, 4]);
        orders.iter().for_each(|order| table.row(row(order)));
        table.print()?;
        cli::note!("{} of {all} orders, the newest last: --limit shows more", orders.len());
    }
    Ok(ExitCode::SUCCESS)
}

fn row(order: &Value) -> [String; 5] {
    let shown = |name: &str| order[name].as_str().map_or_else(|| order[name].to_string(), text::clean);
    let items = order["items"].as_array().map_or(0, Vec::len);
    [shown("orderId"), shown("status"), shown("createdAt"), items.to_string(), shown("total")]
}

/// An order as it is stored, if it is.
///
/// # Errors
///
/// If the environment lacks the table, or DynamoDB refuses.
pub async fn get(environment: &Environment, order_id: &str) -> Result<Option<Value>> {
    let table = environment.output(suite::output::TABLE)?;
    let item = Client::new(&environment.sdk)
        .get_item()
        .table_name(table)
        .key("orderId", AttributeValue::S(order_id.to_owned()))
        .send()
        .await
        .with_context(|| format!("can't read the table {table}"))?
        .item;
    Ok(item.map(|item| item::plain(&AttributeValue::M(item))))
}

/// All of them, as a table has no order.
async fn scan(environment: &Environment) -> Result<Vec<Value>> {
    let table = environment.output(suite::output::TABLE)?;
    let mut pages = Client::new(&environment.sdk).scan().table_name(table).into_paginator().items().send();
    let mut orders = Vec::new();
    while let Some(item) = pages.next().await {
        let item = item.with_context(|| format!("can't read the table {table}"))?;
        orders.push(item::plain(&AttributeValue::M(item)));
    }
    Ok(orders)
}

/// Counted by reading: the table's own count is six hours old.
pub(crate) async fn count(environment: &Environment) -> Result<u64> {
    let table = environment.output(suite::output::TABLE)?;
    let mut pages =
        Client::new(&environment.sdk).scan().table_name(table).select(Select::Count).into_paginator().send();
    let mut count = 0;
    while let Some(page) = pages.next().await {
        count += u64::try_from(page.with_context(|| format!("can't read the table {table}"))?.count)?;
    }
    Ok(count)
}
