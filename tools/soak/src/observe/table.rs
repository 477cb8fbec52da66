//! The orders' table.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use aws_sdk_dynamodb::types::AttributeValue;
use suite::output;
use uuid::Uuid;

use crate::stack::Stack;

/// What is stored of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) id: Uuid,
    /// The customer's, by which clients know it.
    pub(crate) name: String,
    pub(crate) hash: String,
}

pub(crate) async fn read(stack: &Stack) -> Result<Vec<Item>> {
    let client = aws_sdk_dynamodb::Client::new(&stack.sdk);
    let scan = client.scan().table_name(stack.output(output::TABLE)?).consistent_read(true);
    // The emulator copies each item of an answer.
    let mut pages = scan.projection_expression("orderId, customer, payloadHash").into_paginator().send();
    let mut items = Vec::new();
    while let Some(page) = pages.next().await {
        for item in page.context("can't read the table")?.items.unwrap_or_default() {
            items.push(self::item(&item).with_context(|| format!("an item that is no order's: {item:?}"))?);
        }
    }
    Ok(items)
}

fn item(item: &HashMap<String, AttributeValue>) -> Option<Item> {
    let text = |value: &AttributeValue| value.as_s().ok().cloned();
    Some(Item {
        id: text(item.get("orderId")?)?.parse().ok()?,
        name: text(item.get("customer")?.as_m().ok()?.get("name")?)?,
        hash: text(item.get("payloadHash")?)?,
    })
}
