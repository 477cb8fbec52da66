//! Members as any of the protocols brings them: a number may be a string, a time may be either.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// A number, or its text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::api) struct Flexible(pub(in crate::api) f64);

/// Epoch seconds, or ISO 8601.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::api) struct Moment(pub(in crate::api) f64);

struct Number;
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
