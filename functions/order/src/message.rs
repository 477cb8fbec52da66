//! What travels through the queue.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{body::Body, model::Order, problem::Rejection};

/// An accepted order on its way to the table. Its `order` has the shape of the request, so that one parser reads both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QueueMessage {
    /// The order's id, told to the client.
    pub order_id: Uuid,
    /// When the validator accepted it.
    pub accepted_at: Timestamp,
    /// The order.
    pub order: Order,
}

/// A message that no retry will make readable. No value of the message is in its words.
#[derive(Debug, thiserror::Error)]
pub enum InvalidMessage {
    /// Not JSON, or a field of the envelope is not what it must be.
    #[error("the message is no order envelope: {category} error at line {line}, column {column}{}", asked(*.wrapping))]
    Envelope {
        /// Of the decoder's error: syntax, data or end of input. Its text may quote the message, so it is not kept.
        category: &'static str,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
        /// What the message looks like.
        wrapping: Option<Wrapping>,
    },
    /// JSON, but not this envelope.
    #[error("the message is no order envelope: no {field}{}", asked(*.wrapping))]
    Missing {
        /// The first field of the envelope that is not there.
        field: &'static str,
        /// What the message looks like.
        wrapping: Option<Wrapping>,
    },
    /// An envelope around something that is no valid order.
    #[error("the message holds no valid order: {0}")]
    Order(#[from] Rejection),
}

/// What may have put something else than our envelope into the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrapping {
    /// A topic without raw message delivery.
    Sns,
    /// A rule without an input path.
    EventBridge,
    /// Encoded by its sender.
    Base64,
    /// Sent to the queue instead of the API.
    BareOrder,
}

impl Wrapping {
    /// Told by the names that stand at the top, or by the letters that `{` begins with in base64.
    fn of(body: &str) -> Option<Self> {
        let Ok(names) = serde_json::from_str::<HashMap<String, IgnoredAny>>(body) else {
            let body = body.trim().as_bytes();
            let base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=-_\r\n".contains(byte);
            let opens_object = matches!(body, [b'e', b'w'..=b'z' | b'0'..=b'9' | b'+' | b'/' | b'-' | b'_', ..]);
            return (opens_object && body.iter().all(base64)).then_some(Self::Base64);
        };
        let has = |all: &[&str]| all.iter().all(|name| names.contains_key(*name));
        match () {
            () if has(&["Type", "TopicArn", "Message"]) => Some(Self::Sns),
            () if has(&["detail-type", "source", "detail"]) => Some(Self::EventBridge),
            () if has(&["customerName", "items"]) => Some(Self::BareOrder),
            () => None,
        }
    }
}

fn asked(wrapping: Option<Wrapping>) -> &'static str {
    match wrapping {
        Some(Wrapping::Sns) => ": is this wrapped by SNS? Raw message delivery sends it bare",
        Some(Wrapping::EventBridge) => ": is this wrapped by EventBridge? A rule's input path $.detail sends it bare",
        Some(Wrapping::Base64) => ": is this base64? Messages are JSON text",
        Some(Wrapping::BareOrder) => ": is this an order without its envelope? Orders go to the API",
        None => "",
    }
}

impl InvalidMessage {
    fn envelope(error: &serde_json::Error, body: &str) -> Self {
        let category = match error.classify() {
            serde_json::error::Category::Syntax => "syntax",
            serde_json::error::Category::Data => "data",
            serde_json::error::Category::Eof | serde_json::error::Category::Io => "end of input",
        };
        Self::Envelope { category, line: error.line(), column: error.column(), wrapping: Wrapping::of(body) }
    }
}

impl QueueMessage {
    /// The message's body.
    ///
    /// # Errors
    /// Never for a valid order; the encoder's error otherwise.
    pub fn encode(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// Reads a message's body, with the same checks that the API makes: anyone who may send to the queue can send anything.
    ///
    /// # Errors
    /// When the body is no envelope or holds no valid order.
    pub fn decode(body: &str) -> Result<Self, InvalidMessage> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Envelope<'a> {
            order_id: Option<Uuid>,
            accepted_at: Option<Timestamp>,
            #[serde(borrow)]
            order: Option<&'a RawValue>,
        }

        let Envelope { order_id, accepted_at, order } =
            serde_json::from_str(body).map_err(|error| InvalidMessage::envelope(&error, body))?;
        let missing = |field| InvalidMessage::Missing { field, wrapping: Wrapping::of(body) };
        let order_id = order_id.ok_or_else(|| missing("orderId"))?;
        let accepted_at = accepted_at.ok_or_else(|| missing("acceptedAt"))?;
        let order = order.ok_or_else(|| missing("order"))?;
        let order = Body::of(order)?.validate()?;
        Ok(Self { order_id, accepted_at, order })
    }
}
