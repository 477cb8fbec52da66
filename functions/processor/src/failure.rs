//! Why a record is not stored.

use std::fmt;

use function_config::CallFailure;
use order::InvalidMessage;
use telemetry::{Code, ErrorClass, ErrorKind};

/// A record's failure: where, why, and with that what becomes of it.
#[derive(Debug)]
pub struct Failure {
    /// The step that failed: `FailureStep` of a dead letter.
    pub step: &'static str,
    /// Why.
    pub reason: Reason,
}

/// Why a record is not stored.
#[derive(Debug)]
pub enum Reason {
    /// The message is no order, and no retry will make it one.
    Undecodable(InvalidMessage),
    /// Another order is stored under this id, and no retry will change that.
    Conflict,
    /// The table could not be asked; a retry may help.
    Table(CallFailure),
    /// What the table holds under this id is not an order of ours; somebody has to look.
    ForeignItem,
}

impl Failure {
    /// Will a retry never help?
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        matches!(self.reason, Reason::Undecodable(_) | Reason::Conflict | Reason::ForeignItem)
    }
}

/// `FailureReason` of a dead letter: the class first, so that letters can be grouped by it. No value of the message is in it.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reason {
            Reason::Undecodable(error) => write!(f, "Undecodable: {error}"),
            _ => write!(f, "{}: {}", self.class(), self.cause()),
        }
    }
}

impl ErrorClass for Failure {
    fn class(&self) -> &'static str {
        match &self.reason {
            Reason::Undecodable(_) => "Undecodable",
            Reason::Conflict => "Conflict",
            Reason::ForeignItem => "ForeignItem",
            Reason::Table(failure) => failure.class(),
        }
    }

    fn kind(&self) -> ErrorKind {
        match &self.reason {
            Reason::Undecodable(_) | Reason::Conflict => ErrorKind::Rejected,
            Reason::ForeignItem => ErrorKind::Fault,
            Reason::Table(failure) => failure.kind(),
        }
    }

    fn cause(&self) -> &'static str {
        match &self.reason {
            Reason::Undecodable(InvalidMessage::Envelope { .. } | InvalidMessage::Missing { .. }) => {
                "the message is no order envelope"
            }
            Reason::Undecodable(InvalidMessage::Order(_)) => "the message holds no valid order",
            Reason::Conflict => "another order is stored under this orderId",
            Reason::ForeignItem => "the item under this orderId has no payloadHash",
            Reason::Table(failure) => failure.cause(),
        }
    }

    fn code(&self) -> Option<Code> {
        match &self.reason {
            Reason::Table(failure) => failure.code(),
            _ => None,
        }
    }
}
