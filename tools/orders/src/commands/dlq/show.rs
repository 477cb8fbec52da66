//! `orders dlq show`: one message, or all messages of one order.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use cli::output;
use dead_letter::Letter;
use serde_json::{Map, Value, json};

use super::{list::Entry, port::Queues, sweep};

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The message, or the order
    #[arg(value_name = "MESSAGE_ID|ORDER_ID")]
    id: String,
    /// With the message's body, which holds the customer's name, e-mail and address: nothing for a ticket or a chat
    #[arg(long)]
    body: bool,
}

pub(crate) async fn run(queue: &impl Queues, args: &ShowArgs, json: bool) -> Result<ExitCode> {
    let mut letters = sweep::look(queue).await?;
    let order_id = crate::id::parse(&args.id).ok();
    letters.retain(|letter| letter.message_id == args.id || (order_id.is_some() && letter.order_id() == order_id));
    let shown: Vec<Value> =
        letters.iter().map(|letter| shown(letter, queue.retention_s(), args.body)).collect::<Result<_>>()?;
    if json {
        output::json(&shown)?;
    } else {
        for message in &shown {
            output::json(message)?;
        }
    }
    if shown.is_empty() {
        cli::note!(
            "No message or order {} in {}. See what lies there: orders dlq list",
            args.id,
            queue.dead_letters_name()
        );
        return super::list::unless_held(queue, 0, ExitCode::FAILURE).await;
    }
    if !args.body {
        cli::note!("The body is left out, because it holds personal data: --body shows it.");
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn shown(letter: &Letter, retention_s: i64, with_body: bool) -> Result<Value> {
    let mut message = serde_json::to_value(Entry::of(letter, retention_s))?;
    let attributes: Map<_, _> = letter
        .attributes
        .iter()
        .map(|(name, value)| {
            // Binary attributes are none of ours.
            let text = value.string_value().map_or_else(|| json!({"type": value.data_type()}), Value::from);
            (name.clone(), text)
        })
        .collect();
    message["attributes"] = Value::Object(attributes);
    message["systemAttributes"] = json!(letter.system);
    message["bodyBytes"] = json!(letter.body.len());
    if with_body {
        message["body"] = serde_json::from_str(&letter.body).unwrap_or_else(|_| Value::from(letter.body.as_str()));
    }
    Ok(message)
}

#[cfg(test)]
mod tests {
    use super::{super::memory::letter, *};

    #[test]
    fn the_body_is_shown_only_when_asked_for() {
        let mut letter = letter("m", 1, Some("Conflict: x"));
        letter.body =
            r#"{"orderId":"7f000001-0000-4000-8000-000000000001","order":{"customerEmail":"ada@example.com"}}"#.into();
        let without = shown(&letter, 60, false).unwrap();
        assert!(!without.to_string().contains("ada@example.com"), "{without}");
        assert_eq!(without["attributes"]["FailureReason"], "Conflict: x");
        assert_eq!(shown(&letter, 60, true).unwrap()["body"]["order"]["customerEmail"], "ada@example.com");
    }
}
