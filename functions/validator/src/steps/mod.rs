//! The steps of an order's way in the validator, in their order.

pub(crate) mod parse;
pub(crate) mod validate;

pub(crate) mod enqueue;
