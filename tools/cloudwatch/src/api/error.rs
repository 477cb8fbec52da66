//! CloudWatch's errors, each with its code in the newer protocols and in Query.

use aws_wire::ApiError;

/// A parameter has a value that CloudWatch does not take.
pub fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "InvalidParameterValueException", message).query_code("InvalidParameterValue")
}

/// Parameters that don't go together.
pub fn combination(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "InvalidParameterCombinationException", message).query_code("InvalidParameterCombination")
}

/// A parameter that must be there.
pub fn missing(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "MissingRequiredParameterException", message).query_code("MissingParameter")
}

/// Input that breaks a rule of its shape.
pub fn validation(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "ValidationError", message)
}

/// There is nothing of that name.
pub fn not_found(message: impl Into<String>) -> ApiError {
    ApiError::new(404, "ResourceNotFoundException", message)
}

/// One thing too many.
pub fn limit(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "LimitExceededException", message).query_code("LimitExceeded")
}
