//! What the processor needs of the world, and AWS behind it.

pub(crate) mod queue;
pub(crate) mod table;
