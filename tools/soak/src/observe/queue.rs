//! The two queues.

use std::{collections::HashSet, time::Duration};

use anyhow::{Context as _, Result};
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName as System, QueueAttributeName as Name};
use serde_json::Value;
use suite::output;

use crate::stack::Stack;

/// How many messages a queue has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Depth {
    pub(crate) visible: u64,
    pub(crate) hidden: u64,
}

impl Depth {
    pub(crate) fn all(self) -> u64 {
        self.visible + self.hidden
    }
}

pub(crate) async fn depth(stack: &Stack, queue: &str) -> Result<Depth> {
    let names = [Name::ApproximateNumberOfMessages, Name::ApproximateNumberOfMessagesNotVisible];
    let call = aws_sdk_sqs::Client::new(&stack.sdk).get_queue_attributes().queue_url(stack.output(queue)?);
    let told = call.set_attribute_names(Some(names.to_vec())).send().await.context("can't read a queue")?;
    let number = |name| told.attributes.as_ref()?.get(name)?.parse().ok();
    let [visible, hidden] = names.each_ref().map(number);
    Ok(Depth {
        visible: visible.context("SQS does not tell how many messages there are")?,
        hidden: hidden.context("SQS does not tell how many messages are hidden")?,
    })
}

/// A dead letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Letter {
    /// What it is known by: an order's name, or a poison message's.
    pub(crate) name: String,
    /// The kind of reason: the processor's word, or that SQS has moved it.
    pub(crate) reason: String,
}

/// The kind of a letter that SQS has moved.
pub(crate) const RETRIES_USED_UP: &str = "Retries used up";

/// All that lie there; they are shown again at once.
pub(crate) async fn letters(stack: &Stack) -> Result<Vec<Letter>> {
    let client = aws_sdk_sqs::Client::new(&stack.sdk);
    let url = stack.output(output::DEAD_LETTER_QUEUE_URL)?;
    let (mut letters, mut held, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
    loop {
        let receive = client.receive_message().queue_url(url).max_number_of_messages(10).visibility_timeout(60);
        let receive = receive.message_attribute_names("All").message_system_attribute_names(System::All);
        let messages = receive.send().await.context("can't read the dead-letter queue")?.messages.unwrap_or_default();
        if messages.is_empty() {
            break;
        }
        for message in messages {
            held.extend(message.receipt_handle.clone());
            if seen.insert(message.message_id.clone()) {
                letters.push(letter(&message));
            }
        }
    }
    for handle in held {
        let show = client.change_message_visibility().queue_url(url).receipt_handle(handle).visibility_timeout(0);
        show.send().await.context("can't show a dead letter again")?;
    }
    // Hidden for the length of the look.
    tokio::time::sleep(Duration::from_millis(50)).await;
    Ok(letters)
}

fn letter(message: &Message) -> Letter {
    let body: Value = message.body.as_deref().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
    let name = [&body["order"]["customerName"], &body["note"]].into_iter().find_map(Value::as_str);
    let moved = message.attributes.as_ref().is_some_and(|all| all.contains_key(&System::DeadLetterQueueSourceArn));
    let given = message.message_attributes.as_ref().and_then(|all| all.get("FailureReason")?.string_value());
    let kind = given.map(|reason| reason.split_once(':').map_or(reason, |(kind, _)| kind));
    Letter {
        name: name.unwrap_or("no order").to_owned(),
        reason: if moved { RETRIES_USED_UP.into() } else { kind.unwrap_or("none").to_owned() },
    }
}
