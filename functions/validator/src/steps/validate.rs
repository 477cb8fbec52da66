//! Is the object an order?

use order::{Body, Order};

use crate::response::Refusal;

pub(crate) fn run(body: Body<'_>) -> Result<Order, Refusal> {
    body.validate().map_err(|rejection| Refusal::invalid("validate", &rejection))
}
