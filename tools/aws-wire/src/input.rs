//! Members as any of the protocols brings them: a number may be a string, a time may be either.

use std::fmt;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error, Visitor};
use serde_json::Value;

use crate::error::ApiError;

/// A number, or its text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Flexible(pub f64);

/// A truth, or its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag(pub bool);

/// Epoch seconds, or ISO 8601.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment(pub f64);

/// Reads a request's members into their type.
///
/// # Errors
/// `ValidationError`, with what is wrong.
pub fn read<T: DeserializeOwned>(input: &Value) -> Result<T, ApiError> {
    T::deserialize(input).map_err(|error| ApiError::new(400, "ValidationError", error.to_string()))
}

struct Number;
struct Truth;
struct Time;

macro_rules! numbers {
    () => {
        type Value = f64;

        fn visit_f64<E: Error>(self, value: f64) -> Result<f64, E> {
            Ok(value)
        }

        fn visit_i64<E: Error>(self, value: i64) -> Result<f64, E> {
            Ok(value as f64)
        }

        fn visit_u64<E: Error>(self, value: u64) -> Result<f64, E> {
            Ok(value as f64)
        }
    };
}

impl Visitor<'_> for Number {
    numbers!();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<f64, E> {
        text.parse().map_err(|_| E::custom(format!("`{text}` is no number")))
    }
}

impl Visitor<'_> for Time {
    numbers!();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a timestamp")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<f64, E> {
        if let Ok(seconds) = text.parse() {
            return Ok(seconds);
        }
        let time: jiff::Timestamp = text.parse().map_err(|_| E::custom(format!("`{text}` is no timestamp")))?;
        Ok(time.as_millisecond() as f64 / 1000.0)
    }
}

impl Visitor<'_> for Truth {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true or false")
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<bool, E> {
        Ok(truth)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<bool, E> {
        match text {
            "true" => Ok(true),
            "false" => Ok(false),
            other => Err(E::custom(format!("`{other}` is neither true nor false"))),
        }
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Truth).map(Self)
    }
}

impl<'de> Deserialize<'de> for Flexible {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Number).map(Self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Time).map(Self)
    }
}
