//! What travels through the queue.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::{Body, Order, Rejection};

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

/// A message that no retry will make readable.
#[derive(Debug, thiserror::Error)]
pub enum InvalidMessage {
    /// Not JSON, or not this envelope.
    #[error("the message is no order envelope: {category} error at line {line}, column {column}")]
    Envelope {
        /// Of the decoder's error: syntax, data or end of input. Its text may quote the message, so it is not kept.
        category: &'static str,
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// An envelope around something that is no valid order.
    #[error("the message holds no valid order: {0}")]
    Order(#[from] Rejection),
}

impl From<serde_json::Error> for InvalidMessage {
    fn from(error: serde_json::Error) -> Self {
        let category = match error.classify() {
            serde_json::error::Category::Syntax => "syntax",
            serde_json::error::Category::Data => "data",
            serde_json::error::Category::Eof | serde_json::error::Category::Io => "end of input",
        };
        Self::Envelope { category, line: error.line(), column: error.column() }
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
            order_id: Uuid,
            accepted_at: Timestamp,
            #[serde(borrow)]
            order: &'a RawValue,
        }

        let Envelope { order_id, accepted_at, order } = serde_json::from_str(body)?;
        let order = Body::parse(order.get().as_bytes())?.validate()?;
        Ok(Self { order_id, accepted_at, order })
    }
}
