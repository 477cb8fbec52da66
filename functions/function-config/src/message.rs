use aws_sdk_sqs::{
    error::BuildError,
    operation::send_message::builders::SendMessageFluentBuilder,
    types::{MessageAttributeValue, MessageSystemAttributeNameForSends, MessageSystemAttributeValue},
};
use telemetry::propagate;

use crate::failure::{CallFailure, FailureKind};

/// Puts the running step's trace context on a message that has `used` user attributes already: the system attribute that X-Ray reads
/// and, while there is room, W3C's `traceparent`.
///
/// # Errors
/// When the SDK takes a text for no attribute, which it never has.
pub fn carry_trace(
    mut message: SendMessageFluentBuilder,
    used: usize,
) -> Result<SendMessageFluentBuilder, CallFailure> {
    let trace = propagate::outgoing();
    if let Some(header) = &trace.aws_trace_header {
        let header = MessageSystemAttributeValue::builder().data_type("String").string_value(header);
        message = message.message_system_attributes(
            MessageSystemAttributeNameForSends::AwsTraceHeader,
            header.build().map_err(unbuilt)?,
        );
    }
    if let Some((name, value)) = trace.user_attribute(used) {
        message = message.message_attributes(name, text_attribute(value)?);
    }
    Ok(message)
}

/// A text as a user attribute of a message.
///
/// # Errors
/// As [`carry_trace`].
pub fn text_attribute(value: &str) -> Result<MessageAttributeValue, CallFailure> {
    MessageAttributeValue::builder().data_type("String").string_value(value).build().map_err(unbuilt)
}

fn unbuilt(_: BuildError) -> CallFailure {
    FailureKind::Refused.into()
}
