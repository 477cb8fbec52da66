//! The steps of an order's way in the processor, in their order, and the ways out of it.

pub(crate) mod decode;
pub(crate) mod store;

pub(crate) mod dead_letter;
pub(crate) mod retry;
