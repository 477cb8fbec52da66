//! Trace context between functions: X-Ray's header, W3C's `traceparent`, and where SQS carries them.

pub use trace_context::{SpanId, TraceHeader, TraceId, traceparent};

use crate::scope;

/// The message *system* attribute X-Ray reads; it costs neither message size nor one of the ten attributes.
pub const AWS_TRACE_HEADER: &str = "AWSTraceHeader";
/// The W3C header, carried as a *user* attribute.
pub const TRACEPARENT: &str = "traceparent";
/// How many user attributes SQS takes.
pub const MAX_USER_ATTRIBUTES: usize = 10;

/// What one message carries so that its consumer joins this trace. Plain values: the function puts them into its SDK's builders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outgoing {
    /// Value of the system attribute [`AWS_TRACE_HEADER`]; none outside a trace.
    pub aws_trace_header: Option<String>,
    /// Value of the user attribute [`TRACEPARENT`]; none outside a trace, or if the header names no parent.
    pub traceparent: Option<String>,
}

impl Outgoing {
    /// The [`TRACEPARENT`] attribute, unless the message already uses all its user attributes.
    #[must_use]
    pub fn user_attribute(&self, used: usize) -> Option<(&'static str, &str)> {
        (used < MAX_USER_ATTRIBUTES).then_some(self.traceparent.as_deref()).flatten().map(|value| (TRACEPARENT, value))
    }
}

/// The context to send with a message from the step that is running, which becomes the parent of whatever the consumer opens.
///
/// In an unsampled trace this is the incoming header, unchanged: the decision travels on.
#[must_use]
pub fn outgoing() -> Outgoing {
    let header = scope::with_current(|scope| scope.header()).flatten();
    header.map_or_else(Outgoing::default, |header| Outgoing {
        traceparent: traceparent::format(&header),
        aws_trace_header: Some(header.to_string()),
    })
}
