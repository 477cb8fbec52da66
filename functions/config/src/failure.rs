use std::fmt;

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// A failed AWS call, told by kind and code only: AWS's messages may quote what was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallFailure {
    /// Tells whether a retry may help.
    pub kind: FailureKind,
    /// AWS's error code with the HTTP status, or what kept the call from an answer.
    pub code: String,
}

/// What kind of failure a call ended with, after the SDK's own retries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// AWS answers that there are too many calls.
    Throttled,
    /// No answer in time.
    Timeout,
    /// No connection, or one that broke.
    Unreachable,
    /// AWS answers with a fault of its own.
    Server,
    /// AWS answers that the call is wrong or forbidden: no retry will help.
    Refused,
}

/// Of SQS, DynamoDB and the SDK's common set.
const THROTTLES: [&str; 9] = [
    "KmsThrottled",
    "OverLimit",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "TooManyRequestsException",
];

impl CallFailure {
    /// Reads the SDK's error.
    pub fn of<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Self {
        let (kind, code) = match error {
            SdkError::ServiceError(service) => {
                let status = service.raw().status().as_u16();
                let code = service.err().code().unwrap_or("no error code");
                let kind = match status {
                    _ if status == 429 || THROTTLES.contains(&code) => FailureKind::Throttled,
                    500.. => FailureKind::Server,
                    _ => FailureKind::Refused,
                };
                (kind, format!("{code}, HTTP {status}"))
            }
            SdkError::TimeoutError(_) => (FailureKind::Timeout, "timeout".into()),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => {
                (FailureKind::Timeout, "connect timeout".into())
            }
            SdkError::DispatchFailure(_) => (FailureKind::Unreachable, "no connection".into()),
            SdkError::ResponseError(_) => (FailureKind::Unreachable, "unreadable response".into()),
            _ => (FailureKind::Refused, "the request could not be built".into()),
        };
        Self { kind, code }
    }

    /// May the same call succeed later?
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.kind != FailureKind::Refused
    }
}

impl fmt::Display for CallFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            FailureKind::Throttled => "throttled",
            FailureKind::Timeout => "timed out",
            FailureKind::Unreachable => "unreachable",
            FailureKind::Server => "failing",
            FailureKind::Refused => "refused",
        };
        write!(f, "{kind} ({})", self.code)
    }
}
