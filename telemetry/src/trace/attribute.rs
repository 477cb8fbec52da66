//! Keys of attributes: the translator puts `annotation.x` and `metadata.x` where they say.

use std::borrow::Cow;

use opentelemetry::{Key, KeyValue};

/// Whose fault a failure was; read by the guards around the translator, which knows only HTTP status codes.
pub(crate) const KIND: &str = "telemetry.error_kind";

pub(crate) fn custom(indexed: bool, key: &'static str) -> Key {
    // The usual keys cost no allocation.
    let name: Cow<'static, str> = match (indexed, key) {
        (true, "step") => Cow::Borrowed("annotation.step"),
        (true, "outcome") => Cow::Borrowed("annotation.outcome"),
        (true, "errorClass") => Cow::Borrowed("annotation.errorClass"),
        (true, "correlationId") => Cow::Borrowed("annotation.correlationId"),
        (false, "step") => Cow::Borrowed("metadata.step"),
        (false, "outcome") => Cow::Borrowed("metadata.outcome"),
        (true, key) => Cow::Owned(format!("annotation.{key}")),
        (false, key) => Cow::Owned(format!("metadata.{key}")),
    };
    match name {
        Cow::Borrowed(name) => Key::from_static_str(name),
        Cow::Owned(name) => Key::new(name),
    }
}

/// What makes a segment the function's own node: its name and its origin, `AWS::Lambda::Function`.
pub(crate) fn function(service: &str) -> [KeyValue; 3] {
    [
        KeyValue::new("service.name", service.to_owned()),
        KeyValue::new("cloud.provider", "aws"),
        KeyValue::new("cloud.platform", "aws_lambda"),
    ]
}
