//! Emulated AWS services that the emulator lacks.

pub(crate) mod logs;
pub(crate) mod saved_queries;
pub(crate) mod xray;
