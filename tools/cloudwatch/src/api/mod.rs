//! The operations on metrics, as CloudWatch answers them.

mod data;
mod dimension;
mod list;
mod page;
mod put;
mod statistics;
mod wire;

use alarms::model::EpochSeconds;
use http::HeaderMap;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use wire::{Protocol, Reply, operation};

use crate::Store;

/// The operations that [`answer`] knows.
pub const OPERATIONS: [&str; 4] = ["GetMetricData", "GetMetricStatistics", "ListMetrics", "PutMetricData"];

/// An answer before it is written in the caller's protocol.
#[derive(Debug, Clone, PartialEq)]
pub enum Out {
    /// A string.
    Text(String),
    /// A number.
    Number(f64),
    /// A moment, in epoch seconds.
    Time(f64),
    /// A list.
    List(Vec<Out>),
    /// A structure.
    Map(Vec<(&'static str, Out)>),
    /// A map whose keys are data.
    Dictionary(Vec<(String, Out)>),
}

/// An error as CloudWatch tells it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// `InvalidParameterValue`.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
}

impl ApiError {
    /// An error.
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidParameterValue", message)
    }

    fn validation(message: impl Into<String>) -> Self {
        Self::new(400, "ValidationError", message)
    }

    fn into_out(self) -> Out {
        Out::Map(vec![("__type", Out::Text(self.code.into())), ("message", Out::Text(self.message))])
    }
}

/// Does what a request asks, and says which datapoints it has put in, so that alarms can see them too.
pub fn answer(
    store: &mut Store,
    path: &str,
    headers: &HeaderMap,
    body: &[u8],
    now: EpochSeconds,
) -> (Reply, Vec<crate::Datapoint>) {
    let call = match wire::decode(path, headers, body) {
        Ok(call) => call,
        Err((protocol, error)) => return (wire::encode(protocol, "", Err(error)), Vec::new()),
    };
    let mut points = Vec::new();
    let result = match call.operation.as_str() {
        "GetMetricData" => data::run(store, call.input),
        "GetMetricStatistics" => statistics::run(store, call.input, now),
        "ListMetrics" => list::run(store, call.input, now),
        "PutMetricData" => put::run(store, call.input, now).map(|put| {
            points = put;
            Out::Map(Vec::new())
        }),
        other => Err(ApiError::new(400, "InvalidAction", format!("Unknown action: {other}"))),
    };
    (wire::encode(call.protocol, &call.operation, result), points)
}

/// Reads any request of CloudWatch, for those who look at other operations.
///
/// # Errors
/// When it can't be read, with the answer to send.
pub fn read(path: &str, headers: &HeaderMap, body: &[u8]) -> Result<(Protocol, String, Value), Reply> {
    match wire::decode(path, headers, body) {
        Ok(call) => Ok((call.protocol, call.operation, call.input)),
        Err((protocol, error)) => Err(wire::encode(protocol, "", Err(error))),
    }
}

/// Writes the answer to a request that was read with [`read`].
#[must_use]
pub fn reply(protocol: Protocol, operation: &str, result: Result<Out, ApiError>) -> Reply {
    wire::encode(protocol, operation, result)
}

fn input<T: DeserializeOwned>(input: Value) -> Result<T, ApiError> {
    serde_json::from_value(input).map_err(|error| ApiError::validation(error.to_string()))
}

/// Rounded down as CloudWatch does: the older, the coarser.
fn rounded(start: f64, now: EpochSeconds) -> EpochSeconds {
    #[expect(clippy::cast_possible_truncation, reason = "epoch seconds of any date fit")]
    let start = start.floor() as EpochSeconds;
    let step = match now - start {
        age if age < 15 * 86_400 => 60,
        age if age < 63 * 86_400 => 300,
        _ => 3_600,
    };
    start.div_euclid(step) * step
}

/// A period that CloudWatch takes, in whole seconds.
fn period(seconds: f64) -> Result<i64, ApiError> {
    #[expect(clippy::cast_possible_truncation, reason = "checked to be small and whole")]
    if seconds.fract() == 0.0 && (1.0..=604_800.0).contains(&seconds) {
        let period = seconds as i64;
        if matches!(period, 1 | 5 | 10 | 20 | 30) || period % 60 == 0 {
            return Ok(period);
        }
    }
    Err(ApiError::invalid("The parameter Period must be 1, 5, 10, 20, 30, or a multiple of 60."))
}

#[cfg(test)]
mod tests;
