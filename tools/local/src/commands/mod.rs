//! The commands, each with its arguments.

pub(crate) mod adopt;
mod console;
pub(crate) mod describe;
pub(crate) mod down;
pub(crate) mod fault;
mod first_order;
mod next_steps;
pub(crate) mod serve;
pub(crate) mod up;
