//! The functions' log lines: one for each unit of work, with its order and what became of it.

use std::collections::{HashMap, HashSet};

use anyhow::{Context as _, Result};
use serde_json::Value;
use uuid::Uuid;

use crate::{progress::Progress, stack::Stack};

/// Of one call: less than an answer's most.
const WINDOW_MS: i64 = 5_000;

/// What the lines tell, counted.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// By order.
    pub(crate) orders: HashMap<Uuid, OrderLines>,
    /// Lines of outcomes: `validator accepted`.
    pub(crate) outcomes: HashMap<String, u64>,
    /// Messages that a processor had in its hands.
    pub(crate) messages: HashSet<String>,
    /// Records that were moved to the dead-letter queue by the processor.
    pub(crate) moved: u64,
    /// Records that were not stored.
    pub(crate) failed: u64,
    /// Of traces that are recorded: each unit's service, step and outcome.
    pub(crate) traces: HashMap<String, Vec<String>>,
}

/// What the lines tell of one order.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OrderLines {
    pub(crate) accepted: u64,
    /// Answered as accepted before: what accepted it may have been killed before it said so.
    pub(crate) again: u64,
    /// Deliveries that have stored it: one, whatever happens.
    pub(crate) stored: u64,
    /// Deliveries that found it stored by an earlier one whose end nobody knows.
    pub(crate) recovered: u64,
    pub(crate) duplicate: u64,
    pub(crate) repeated: u64,
    pub(crate) failed: u64,
}

impl OrderLines {
    /// Counted as stored: by the delivery that has stored it, or by one that found it stored by an earlier delivery.
    pub(crate) fn is_stored(&self) -> bool {
        self.stored + self.recovered > 0
    }

    /// Stored by an attempt whose answer came too late, as were all others until it was a dead letter: counted as dead, its first
    /// fate, and found in the table when it was sent back.
    pub(crate) fn is_found_later(&self) -> bool {
        !self.is_stored() && self.failed > 0 && self.duplicate > 0
    }
}

impl Lines {
    pub(crate) fn outcome(&self, of: &str) -> u64 {
        self.outcomes.get(of).copied().unwrap_or_default()
    }

    /// Takes a line in, if it is a unit's own.
    fn take(&mut self, line: &Value) {
        let text = |name: &str| line[name].as_str().unwrap_or_default();
        // Steps have lines of their own where that is worth its price.
        if !text("message").starts_with("work ") {
            return;
        }
        let (service, step, outcome) = (text("Service"), text("step"), text("outcome"));
        if service == "processor" && step != "record" {
            return;
        }
        *self.outcomes.entry(format!("{service} {outcome}")).or_default() += 1;
        // Only what is recorded has a span.
        if line.get("spanId").is_some() {
            self.traces.entry(text("traceId").into()).or_default().push(format!("{service} {step} {outcome}"));
        }
        let failed = text("message") == "work failed";
        if service == "processor" {
            self.messages.insert(text("messageId").into());
            self.failed += u64::from(failed);
            let steps = line["steps"].as_array().into_iter().flatten();
            let moved = steps.filter(|step| step["name"] == "dead-letter" && step["outcome"] == "moved");
            self.moved += moved.count() as u64;
        }
        let Ok(id) = text("orderId").parse() else { return };
        let order: &mut OrderLines = self.orders.entry(id).or_default();
        let count = match (service, outcome) {
            ("validator", "accepted") => &mut order.accepted,
            ("validator", "repeated") => &mut order.again,
            ("processor", _) if failed => &mut order.failed,
            ("processor", "ok") => &mut order.stored,
            ("processor", "recovered") => &mut order.recovered,
            ("processor", "duplicate") => &mut order.duplicate,
            ("processor", "repeated") => &mut order.repeated,
            _ => return,
        };
        *count += 1;
    }
}

/// Of both functions, from that moment on.
pub(crate) async fn read(stack: &Stack, since: jiff::Timestamp) -> Result<Lines> {
    let client = aws_sdk_cloudwatchlogs::Client::new(&stack.sdk);
    let until = jiff::Timestamp::now().as_millisecond();
    let mut lines = Lines::default();
    let mut progress = Progress::begin();
    for function in ["validator", "processor"] {
        let group = stack.names.log_group(function);
        let mut from = since.as_millisecond();
        while from < until {
            let call =
                client.filter_log_events().log_group_name(&group).start_time(from).end_time(from + WINDOW_MS - 1);
            let mut token = None;
            loop {
                let page = call.clone().set_next_token(token).send().await.context("can't read the logs")?;
                for event in page.events.unwrap_or_default() {
                    // Lambda's own lines are no JSON.
                    if let Some(line) = event.message.as_deref().and_then(|line| serde_json::from_str(line).ok()) {
                        lines.take(&line);
                    }
                }
                token = page.next_token;
                if token.is_none() {
                    break;
                }
            }
            from += WINDOW_MS;
            let minutes = |from: i64| (from - since.as_millisecond()) / 60_000;
            progress.tell(|| format!("the {function}'s lines: {} of {} minutes", minutes(from), minutes(until)));
        }
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_units_line_counts_once_and_a_steps_line_not_at_all() {
        let id = "7f000001-0000-4000-8000-000000000009";
        let mut lines = Lines::default();
        let record = |message: &str, outcome: &str| {
            json!({"message": message, "Service": "processor", "step": "record", "outcome": outcome, "orderId": id,
                "messageId": "m", "steps": [{"name": "dead-letter", "outcome": "moved"}]})
        };
        lines.take(&record("work done", "ok"));
        lines.take(&record("step done", "ok"));
        lines.take(&record("work failed", "rejected"));
        let order = lines.orders[&id.parse().unwrap()];
        assert_eq!((order.stored, order.failed, lines.moved, lines.messages.len()), (1, 1, 2, 1));
        assert_eq!(lines.outcome("processor ok"), 1);
    }
}
