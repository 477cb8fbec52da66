//! The steps of an order's way in the processor, in their order, and the way out of it.

pub(crate) mod decode;
pub(crate) mod store;

pub(crate) mod give_up;
pub(crate) mod retry;
