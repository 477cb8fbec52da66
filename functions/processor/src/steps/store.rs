//! An order is stored once: the table's condition on its id decides between a new order, a duplicate delivery and a conflict.

use order::StoredOrder;
use telemetry::{Step, step};

use crate::{
    failure::{Failure, Reason},
    ports::table::{Put, Table, TableError},
};

const STEP: &str = "store";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stored {
    New,
    Before,
}

pub(crate) async fn run<T: Table>(table: &T, order: &StoredOrder) -> Result<Stored, Failure> {
    Step::new(STEP)
        .aws(table.call())
        .run(async {
            let reason = match table.put(order).await {
                Ok(Put::Stored) => return Ok(Stored::New),
                Ok(Put::Exists { payload_hash }) if payload_hash == order.payload_hash => {
                    step::outcome("duplicate");
                    return Ok(Stored::Before);
                }
                Ok(Put::Exists { .. }) => Reason::Conflict,
                Err(TableError::Call(failure)) => Reason::Table(failure),
                Err(TableError::ForeignItem) => Reason::ForeignItem,
            };
            Err(Failure { step: STEP, reason })
        })
        .await
}
