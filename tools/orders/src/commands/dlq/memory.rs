//! Two queues in memory, which can fail at any call.

use std::{cell::RefCell, collections::HashMap};

use anyhow::{Result, bail};
use aws_sdk_sqs::types::MessageAttributeValue;
use dead_letter::Letter;

use super::port::{Failed, Queues};

#[derive(Debug, Default)]
struct Inside {
    dead: Vec<(Letter, bool)>,
    orders: Vec<Letter>,
    calls: Vec<String>,
    /// Fails the n-th call (from 1) of that name.
    fail: Option<(&'static str, usize)>,
    /// So does every call after it.
    broken: bool,
}

#[derive(Debug, Default)]
pub(super) struct Memory(RefCell<Inside>);

impl Memory {
    pub(super) fn of(letters: impl IntoIterator<Item = Letter>) -> Self {
        let dead = letters.into_iter().map(|letter| (letter, true)).collect();
        Self(RefCell::new(Inside { dead, ..Inside::default() }))
    }

    pub(super) fn fail_call(&self, name: &'static str, nth: usize) {
        self.0.borrow_mut().fail = Some((name, nth));
    }

    /// From the n-th call of that name on nothing can be reached, until the next call of another command.
    pub(super) fn break_at(&self, name: &'static str, nth: usize) {
        self.0.borrow_mut().fail = Some((name, nth));
        self.0.borrow_mut().broken = true;
    }

    pub(super) fn visible(&self) -> usize {
        self.0.borrow().dead.iter().filter(|(_, visible)| *visible).count()
    }

    /// Ids of what lies in the dead-letter queue, hidden or not.
    pub(super) fn dead(&self) -> Vec<String> {
        self.0.borrow().dead.iter().map(|(letter, _)| letter.message_id.clone()).collect()
    }

    /// Orders in the orders queue.
    pub(super) fn orders(&self) -> Vec<String> {
        self.0.borrow().orders.iter().filter_map(Letter::order_id).collect()
    }

    pub(super) fn calls(&self) -> Vec<String> {
        self.0.borrow().calls.clone()
    }

    fn failed(&self, error: anyhow::Error) -> Failed {
        if self.0.borrow().broken { Failed::Queue(error) } else { Failed::Message(error) }
    }

    fn call(&self, name: &'static str, id: &str) -> Result<()> {
        let mut inside = self.0.borrow_mut();
        inside.calls.push(format!("{name} {id}").trim_end().to_owned());
        let nth = inside.calls.iter().filter(|call| call.starts_with(name)).count();
        if inside.fail == Some((name, nth)) {
            bail!("{name} failed");
        }
        Ok(())
    }
}

impl Queues for Memory {
    fn dead_letters_name(&self) -> &str {
        "dead"
    }

    fn orders_name(&self) -> &str {
        "orders"
    }

    fn retention_s(&self) -> i64 {
        1_209_600
    }

    async fn receive(&self) -> Result<Vec<Letter>> {
        self.call("receive", "")?;
        let mut inside = self.0.borrow_mut();
        let visible = inside.dead.iter_mut().filter(|(_, visible)| *visible).take(10);
        Ok(visible
            .map(|(letter, visible)| {
                *visible = false;
                letter.clone()
            })
            .collect())
    }

    async fn release(&self, letters: &[Letter]) -> Result<()> {
        for (letter, visible) in &mut self.0.borrow_mut().dead {
            *visible |= letters.iter().any(|other| other.message_id == letter.message_id);
        }
        Ok(())
    }

    async fn held(&self) -> Result<u64> {
        Ok(self.0.borrow().dead.iter().filter(|(_, visible)| !visible).count() as u64)
    }

    async fn send_to_orders(&self, letter: &Letter) -> Result<(), Failed> {
        self.call("send", &letter.message_id).map_err(|error| self.failed(error))?;
        self.0.borrow_mut().orders.push(letter.clone());
        Ok(())
    }

    async fn delete(&self, letter: &Letter) -> Result<(), Failed> {
        self.call("delete", &letter.message_id).map_err(|error| self.failed(error))?;
        self.0.borrow_mut().dead.retain(|(other, _)| other.message_id != letter.message_id);
        Ok(())
    }
}

pub(super) fn attribute(text: &str) -> MessageAttributeValue {
    MessageAttributeValue::builder().data_type("String").string_value(text).build().unwrap()
}

/// The id of the n-th order.
pub(super) fn order_id(n: usize) -> String {
    format!("7f000001-0000-4000-8000-{n:012}")
}

pub(super) fn letter(message_id: &str, order: usize, reason: Option<&str>) -> Letter {
    let mut attributes = HashMap::new();
    if let Some(reason) = reason {
        attributes.insert("FailureReason".to_owned(), attribute(reason));
        attributes.insert("FailureStep".to_owned(), attribute("decode"));
    }
    Letter {
        message_id: message_id.to_owned(),
        receipt_handle: format!("receipt of {message_id}"),
        body: serde_json::json!({"orderId": order_id(order)}).to_string(),
        attributes,
        system: [("SentTimestamp".to_owned(), "1767571200000".to_owned())].into(),
    }
}
