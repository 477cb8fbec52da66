//! An order is stored once: the table's condition on its id decides between a new order, one that is there, and a conflict.

use jiff::Timestamp;
use order::StoredOrder;
use telemetry::{Step, step};

use crate::{
    failure::{Failure, Reason},
    ports::table::{Existing, Put, Table, TableError},
};

pub(crate) const STEP: &str = "store";

/// What an order that is in the table now is to this delivery of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stored {
    /// Stored by this message, at this time: now, or by an attempt whose answer was lost.
    Now(Timestamp),
    /// A second copy of the message that has stored it.
    Duplicate,
    /// The same order, accepted another time: a client's retry.
    Repeated,
}

/// `receives` counts this delivery of the message too.
pub(crate) async fn run<T: Table>(table: &T, order: &StoredOrder, receives: u64) -> Result<Stored, Failure> {
    Step::new(STEP)
        .aws(table.call())
        .run(async {
            let reason = match table.put(order).await {
                Ok(Put::Stored) => return Ok(Stored::Now(order.processed_at)),
                Ok(Put::Exists(there)) if there.payload_hash == order.payload_hash => {
                    let stored = known(order, &there, receives);
                    step::outcome(match stored {
                        Stored::Now(_) => "recovered",
                        Stored::Duplicate => "duplicate",
                        Stored::Repeated => "repeated",
                    });
                    return Ok(stored);
                }
                Ok(Put::Exists(_)) => Reason::Conflict,
                Err(TableError::Call(failure)) => Reason::Table(failure),
                Err(TableError::ForeignItem) => Reason::ForeignItem,
            };
            Err(Failure { step: STEP, reason })
        })
        .await
}

/// Whose is the item that is there? This call's own, if an attempt of it stored the item and its answer was lost. An earlier
/// delivery's of this message, if that ended in failure for the same reason or was cut off: had it come to its end, the message
/// would not be here again.
fn known(order: &StoredOrder, there: &Existing, receives: u64) -> Stored {
    match there.processed_at {
        _ if there.created_at != Some(order.created_at) => Stored::Repeated,
        Some(at) if at == order.processed_at || receives > 1 => Stored::Now(at),
        _ => Stored::Duplicate,
    }
}
