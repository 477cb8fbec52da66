//! A file a widget. Its step's name is the parameter that asks for it.

pub(crate) mod alarms;
pub(crate) mod dead_letters;
pub(crate) mod order;
mod runbook;
