use std::fmt;

use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use telemetry::{Code, ErrorClass, ErrorKind};

/// A failed AWS call, told by kind and code only: AWS's messages may quote what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallFailure {
    /// Tells whether a retry may help.
    pub kind: FailureKind,
    /// AWS's error code, if there was an answer.
    pub code: Option<Code>,
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
        match error {
            SdkError::ServiceError(service) => {
                let status = service.raw().status().as_u16();
                // AWS's query-compatible services put a namespace before the code.
                let code = service.err().code().map(|code| code.rsplit('.').next().unwrap_or(code));
                let kind = match status {
                    _ if status == 429 || code.is_some_and(|code| THROTTLES.contains(&code)) => FailureKind::Throttled,
                    500.. => FailureKind::Server,
                    _ => FailureKind::Refused,
                };
                Self { kind, code: code.and_then(|code| Code::new(code).ok()) }
            }
            SdkError::TimeoutError(_) => FailureKind::Timeout.into(),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => FailureKind::Timeout.into(),
            SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => FailureKind::Unreachable.into(),
            _ => FailureKind::Refused.into(),
        }
    }

    /// May the same call succeed later?
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.kind != FailureKind::Refused
    }
}

impl FailureKind {
    /// May AWS have done what it was asked for all the same?
    #[must_use]
    pub fn leaves_open(self) -> bool {
        matches!(self, Self::Timeout | Self::Unreachable | Self::Server)
    }
}

impl From<FailureKind> for CallFailure {
    fn from(kind: FailureKind) -> Self {
        Self { kind, code: None }
    }
}

impl ErrorClass for CallFailure {
    fn class(&self) -> &'static str {
        match self.kind {
            FailureKind::Throttled => "Throttled",
            FailureKind::Timeout => "Timeout",
            FailureKind::Unreachable => "Unreachable",
            FailureKind::Server => "ServerFault",
            FailureKind::Refused => "CallRefused",
        }
    }

    fn kind(&self) -> ErrorKind {
        match self.kind {
            FailureKind::Throttled => ErrorKind::Throttled,
            _ => ErrorKind::Fault,
        }
    }

    fn cause(&self) -> &'static str {
        match self.kind {
            FailureKind::Throttled => "AWS throttled the call",
            FailureKind::Timeout => "no answer from AWS in time",
            FailureKind::Unreachable => "no connection to AWS, or it broke",
            FailureKind::Server => "AWS answered with a fault of its own",
            FailureKind::Refused => "AWS refused the call",
        }
    }

    fn code(&self) -> Option<Code> {
        self.code
    }
}

impl fmt::Display for CallFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.cause())?;
        match &self.code {
            Some(code) => write!(f, " ({})", code.as_str()),
            None => Ok(()),
        }
    }
}
