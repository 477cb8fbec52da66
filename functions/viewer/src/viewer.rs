//! The function and one call of it, as the widgets see them.

use std::fmt;

use jiff::Timestamp;

use crate::event::Event;

/// The function: generic over what it reads, so that its tests need neither AWS nor the Lambda runtime.
pub struct Viewer<P> {
    pub(crate) ports: P,
    /// What every alarm's name begins with.
    pub(crate) prefix: String,
    /// Whether dead letters may be sent back from here.
    pub(crate) actions: bool,
    /// CloudWatch's console, for links; none where there is none.
    pub(crate) console: Option<String>,
}

impl<P> fmt::Debug for Viewer<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Viewer").field("prefix", &self.prefix).field("actions", &self.actions).finish_non_exhaustive()
    }
}

/// One call, as a widget sees it.
pub(crate) struct Asked<'a> {
    pub(crate) event: &'a Event,
    /// This function: what a button calls.
    pub(crate) endpoint: &'a str,
    pub(crate) now: Timestamp,
}
