//! An order is stored once: the table's condition on its id decides between a new order, a duplicate delivery and a conflict.

use order::StoredOrder;

use crate::ports::{
    queue::DeadLetter,
    table::{Put, Table, TableError},
};

const STEP: &str = "store";

#[derive(Debug)]
pub(crate) enum Store {
    Stored,
    Duplicate,
    Conflict(DeadLetter),
}

pub(crate) async fn run<T: Table>(table: &T, order: &StoredOrder) -> Result<Store, TableError> {
    Ok(match table.put(order).await? {
        Put::Stored => Store::Stored,
        Put::Exists { payload_hash } if payload_hash == order.payload_hash => Store::Duplicate,
        Put::Exists { .. } => Store::Conflict(DeadLetter {
            step: STEP,
            reason: "Conflict: another order is stored under this orderId".into(),
        }),
    })
}
