//! The steps of an order's way in the validator, in their order. Only an order with a key is claimed and confirmed.

pub(crate) mod parse;
pub(crate) mod validate;

pub(crate) mod claim;
pub(crate) mod enqueue;

pub(crate) mod confirm;

const INTERNAL: &str = "Order not accepted: internal error, the operators are told";
