//! What the table keeps of an order.

use jiff::Timestamp;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::{message::QueueMessage, model::Order};

/// How far an order has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Stored by the processor.
    Processed,
}

impl Status {
    /// As the table has it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Processed => "PROCESSED",
        }
    }
}

/// An order as the table keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOrder {
    /// The table's key.
    pub order_id: Uuid,
    /// How far it has come.
    pub status: Status,
    /// When the validator accepted it.
    pub created_at: Timestamp,
    /// When the processor stored it, to the nanosecond: it tells whose copy of the message that was.
    pub processed_at: Timestamp,
    /// The order.
    pub order: Order,
    /// The exact sum of its lines.
    pub total: Decimal,
    /// Tells a duplicate from a conflict.
    pub payload_hash: String,
    /// The X-Ray trace the order came with, if it came with one.
    pub trace_id: Option<String>,
}

impl StoredOrder {
    /// Completes a message to what is stored.
    #[must_use]
    pub fn new(message: QueueMessage, processed_at: Timestamp, trace_id: Option<String>) -> Self {
        Self {
            order_id: message.order_id,
            status: Status::Processed,
            created_at: message.accepted_at,
            processed_at,
            total: message.order.total(),
            payload_hash: message.order.payload_hash(),
            order: message.order,
            trace_id,
        }
    }
}
