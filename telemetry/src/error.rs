use std::{convert::Infallible, fmt};

use crate::field::NotAnId;

/// Whose fault an error is: decides between X-Ray's `error`, `throttle` and `fault`, and the log line's level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The caller's (4xx): X-Ray `error`, level `WARN`.
    Rejected,
    /// A limit was hit (429): X-Ray `throttle` and `error`, level `WARN`.
    Throttled,
    /// Ours or a dependency's (5xx): X-Ray `fault`, level `ERROR`.
    Fault,
}

impl ErrorKind {
    /// The outcome a step that ended this way reports.
    #[must_use]
    pub fn outcome(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Throttled => "throttled",
            Self::Fault => "fault",
        }
    }
}

/// What telemetry may know of an error: texts fixed at compile time, and a code of AWS.
///
/// There is no way to hand over `to_string()` of an error: it may quote the payload.
pub trait ErrorClass {
    /// A stable name to search and count by, such as `QueueThrottled`.
    fn class(&self) -> &'static str;

    /// Whose fault it is.
    fn kind(&self) -> ErrorKind {
        ErrorKind::Fault
    }

    /// What happened, in words fixed at compile time.
    fn cause(&self) -> &'static str {
        ""
    }

    /// The error code AWS answered with, such as `ThrottlingException`.
    fn code(&self) -> Option<Code> {
        None
    }
}

impl ErrorClass for Infallible {
    fn class(&self) -> &'static str {
        match *self {}
    }
}

impl<E: ErrorClass + ?Sized> ErrorClass for &E {
    fn class(&self) -> &'static str {
        (**self).class()
    }
    fn kind(&self) -> ErrorKind {
        (**self).kind()
    }
    fn cause(&self) -> &'static str {
        (**self).cause()
    }
    fn code(&self) -> Option<Code> {
        (**self).code()
    }
}

const MAX_CODE_BYTES: usize = 64;

/// An error code as AWS services write them: one word of `[A-Za-z0-9.]`, at most 64 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Code {
    bytes: [u8; MAX_CODE_BYTES],
    len: u8,
}

impl Code {
    /// Accepts `text` if it has the shape of an error code.
    ///
    /// # Errors
    /// [`NotAnId`] if it has not.
    pub fn new(text: &str) -> Result<Self, NotAnId> {
        let shaped = (1..=MAX_CODE_BYTES).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_uppercase())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
        if !shaped {
            return Err(NotAnId);
        }
        let mut bytes = [0; MAX_CODE_BYTES];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Self { bytes, len: text.len() as u8 })
    }

    /// The code's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why something failed, ready for the three sinks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Failure {
    pub(crate) class: &'static str,
    pub(crate) kind: ErrorKind,
    pub(crate) cause: &'static str,
    pub(crate) code: Option<Code>,
}

impl Failure {
    pub(crate) fn of(error: &impl ErrorClass) -> Self {
        Self { class: error.class(), kind: error.kind(), cause: error.cause(), code: error.code() }
    }

    pub(crate) const fn fault(class: &'static str, cause: &'static str) -> Self {
        Self { class, kind: ErrorKind::Fault, cause, code: None }
    }

    /// The words of log line and exception: the fixed cause, else the class.
    pub(crate) fn message(&self) -> &'static str {
        if self.cause.is_empty() { self.class } else { self.cause }
    }
}
