//! What is asked of CloudWatch Logs: queries and filter patterns, which the emulator answers with all lines or the wrong ones. Lines
//! are still its own.

mod events;
mod queries;

use std::time::{SystemTime, UNIX_EPOCH};

use aws_wire::{ApiError, Output, Service};
use axum::{body::Body, extract::Request, http::Response};
use http_body_util::{BodyExt as _, Limited};
use serde_json::Value;

use self::{events::Lines, queries::Queries};

const SERVICE: Service = Service { target: "Logs_20140328", json: "1.1", xml_namespace: "", max_request: 1024 * 1024 };

/// The lines of this stack, and the queries on them.
#[derive(Debug)]
pub(crate) struct Logs {
    lines: Lines,
    queries: Queries,
}

impl Logs {
    pub(crate) fn new(emulator: aws_sdk_cloudwatchlogs::Client) -> Self {
        Self { lines: Lines(emulator), queries: Queries::default() }
    }

    /// Answers a call that is about queries or patterns; hands back any other.
    pub(crate) async fn answer(&self, request: Request) -> Result<Response<Body>, Request> {
        let target = request.headers().get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let operation = target.strip_prefix("Logs_20140328.").unwrap_or_default();
        if !["FilterLogEvents", "StartQuery", "GetQueryResults", "StopQuery", "DescribeQueries"].contains(&operation) {
            return Err(request);
        }
        let (parts, body) = request.into_parts();
        #[expect(clippy::cast_possible_truncation, reason = "a megabyte")]
        let body = match Limited::new(body, SERVICE.max_request as usize).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) => {
                let refusal =
                    ApiError::new(400, "InvalidParameterException", format!("The request can't be read: {error}"));
                return Ok(SERVICE.write(aws_wire::Protocol::Json, "", Err(refusal)).into());
            }
        };
        let call = match SERVICE.read(parts.uri.path(), &parts.headers, &body) {
            Ok(call) => call,
            Err(refusal) => return Ok(refusal.into()),
        };
        let result = self.run(&call.operation, &call.input).await;
        Ok(call.reply(result).into())
    }

    async fn run(&self, operation: &str, input: &Value) -> Result<Output, ApiError> {
        match operation {
            "FilterLogEvents" => self.lines.filter(input).await,
            "StartQuery" => self.queries.start(input, &self.lines).await,
            "GetQueryResults" => self.queries.results(input),
            "StopQuery" => self.queries.stop(input),
            _ => self.queries.describe(input),
        }
    }
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(400, "InvalidParameterException", message)
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
