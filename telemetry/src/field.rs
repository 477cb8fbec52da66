//! What a step may say about itself: a closed set of types, so that a payload cannot get in.
//!
//! There is no way from a `String`, an `impl Display` or an `impl Debug` to a field. Text is either fixed at compile time or an
//! identifier that has the shape of one; anything else is refused, and the refusal carries no value either.

use std::{borrow::Cow, fmt, time::Duration};

/// The longest identifier accepted, in bytes: a DynamoDB request id has 52, a message id 36.
pub const MAX_ID_BYTES: usize = 64;

/// Members that every line has, or may have: no field's and no metric's to take.
pub(crate) const RESERVED: [&str; 27] = [
    "_aws",
    "timestamp",
    "level",
    "message",
    "Service",
    "Environment",
    "requestId",
    "traceId",
    "batchTraceId",
    "clientTraceId",
    "spanId",
    "step",
    "steps",
    "stepsOmitted",
    "name",
    "ms",
    "outcome",
    "durationMs",
    "errorClass",
    "error",
    "errorCode",
    "awsService",
    "awsOperation",
    "awsRequestId",
    "retries",
    "coldStart",
    "queueWaitMs",
];

/// A field's name; one that is ours becomes `field_<name>`.
pub(crate) fn unreserved<'k>(key: &'k str, correlation_key: &str) -> Cow<'k, str> {
    let ours = RESERVED.contains(&key) || key == correlation_key;
    if ours { ["field_", key].concat().into() } else { key.into() }
}

/// A value of a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// Text fixed at compile time: an enum's variant name, a field's name.
    Static(&'static str),
    /// How many.
    Count(u64),
    /// How long; written in milliseconds.
    Duration(Duration),
    /// Yes or no.
    Bool(bool),
    /// An identifier made by a machine.
    Id(Id),
}

impl From<&'static str> for Value {
    fn from(text: &'static str) -> Self {
        Self::Static(text)
    }
}

impl From<u64> for Value {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<Duration> for Value {
    fn from(duration: Duration) -> Self {
        Self::Duration(duration)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<Id> for Value {
    fn from(id: Id) -> Self {
        Self::Id(id)
    }
}

/// Text refused because it does not have the shape of an identifier. It does not repeat the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier: expected a UUID, or 16 to 64 of [A-Za-z0-9-] with both letters and digits")]
pub struct NotAnId;

/// An identifier made by a machine: a message id, a request id.
///
/// Accepted are UUIDs, and 16 to 64 of `[A-Za-z0-9-]` with both a letter and a digit: every id AWS hands out, but no e-mail address, no
/// name, no telephone number and no card number.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Id {
    bytes: [u8; MAX_ID_BYTES],
    len: u8,
}

impl Id {
    /// Accepts `text` if it has the shape of an identifier.
    ///
    /// # Errors
    /// [`NotAnId`] if it has not.
    pub fn new(text: &str) -> Result<Self, NotAnId> {
        if !is_uuid(text) && !is_machine_id(text) {
            return Err(NotAnId);
        }
        let mut bytes = [0; MAX_ID_BYTES];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Self { bytes, len: text.len() as u8 })
    }

    /// The identifier's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII gets in.
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn is_machine_id(text: &str) -> bool {
    (16..=MAX_ID_BYTES).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// The id that follows one unit of work through every function, metric and log line: of any shape that [`Id`] takes.
///
/// The key it is written under is [`Config::correlation_key`](crate::Config::correlation_key).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CorrelationId(Id);

impl CorrelationId {
    /// Accepts what has the shape of an identifier made by a machine, so that nobody can correlate by an e-mail address.
    ///
    /// # Errors
    /// [`NotAnId`] if it has not.
    pub fn new(id: &str) -> Result<Self, NotAnId> {
        Id::new(id).map(Self)
    }

    /// The identifier's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Debug for CorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_aws_are_accepted() {
        for id in [
            "5fea7756-0ea4-451a-a703-a558b933e274",
            "V4LGIIA4KRVFHQVQKO8VTTAA5RVV4KQNSO5AEMVJF66Q9ASUAAJG",
            "11111111-2222-3333-4444-555555555555",
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        ] {
            assert_eq!(Id::new(id).unwrap().as_str(), id);
            assert_eq!(CorrelationId::new(id).unwrap().as_str(), id);
        }
    }

    #[test]
    fn personal_data_is_no_id() {
        for text in [
            "ada.lovelace@example.com",
            "Ada Lovelace",
            "Bartholomew-Featherstone",
            "4111111111111111",
            "+4915112345678",
            "12 Main Street, Springfield",
            "",
        ] {
            assert_eq!(Id::new(text), Err(NotAnId), "{text}");
            assert_eq!(CorrelationId::new(text), Err(NotAnId), "{text}");
        }
    }

    #[test]
    fn a_refusal_does_not_repeat_the_text() {
        assert!(!NotAnId.to_string().contains("ada"));
    }
}
