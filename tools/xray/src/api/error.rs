//! X-Ray's errors, with AWS's names.

use aws_wire::ApiError;

use crate::{filter::FilterError, sampling::RuleError, tags::MAX_TAGS};

pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "InvalidRequestException", message)
}

pub(super) fn too_many_tags(arn: &str) -> ApiError {
    let message = format!("More than {} tags", MAX_TAGS);
    ApiError::new(400, "TooManyTagsException", message).with("ResourceName", arn)
}

pub(super) fn no_resource(arn: &str) -> ApiError {
    let message = format!("The resource {arn:?} does not exist");
    ApiError::new(404, "ResourceNotFoundException", message).with("ResourceName", arn)
}

pub(super) fn unknown_operation(path: &str) -> ApiError {
    ApiError::new(404, "UnknownOperationException", format!("The local X-Ray has no operation at {path}"))
}

pub(super) fn filter(error: FilterError) -> ApiError {
    invalid(error.to_string())
}

pub(super) fn rule(error: RuleError) -> ApiError {
    match error {
        RuleError::Invalid(message) => invalid(message),
        RuleError::TooMany(message) => ApiError::new(400, "RuleLimitExceededException", message),
    }
}
