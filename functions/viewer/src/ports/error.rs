use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use function_config::CallFailure;
use telemetry::{Code, ErrorClass, ErrorKind};

/// A service did not answer a call.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("{service}: {failure}")]
pub struct AwsError {
    /// Which.
    pub service: &'static str,
    /// How.
    pub failure: CallFailure,
}

impl AwsError {
    pub(crate) fn of<E: ProvideErrorMetadata>(service: &'static str, error: &SdkError<E, HttpResponse>) -> Self {
        Self { service, failure: CallFailure::of(error) }
    }
}

impl ErrorClass for AwsError {
    fn class(&self) -> &'static str {
        self.failure.class()
    }

    fn kind(&self) -> ErrorKind {
        ErrorClass::kind(&self.failure)
    }

    fn cause(&self) -> &'static str {
        self.failure.cause()
    }

    fn code(&self) -> Option<Code> {
        self.failure.code
    }
}
