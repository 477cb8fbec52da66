//! The request body as text: is it JSON at all, and an object? Not yet what is in it.

use serde_json::value::RawValue;

use crate::{
    model::Order,
    problem::{Problem, Rejection},
    validate,
};

const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A request body that is one JSON object.
#[derive(Debug, Clone, Copy)]
pub struct Body<'a>(pub(crate) &'a RawValue);

impl<'a> Body<'a> {
    /// Reads a body; a byte order mark before it is passed over.
    ///
    /// # Errors
    /// When it is empty, not UTF-8, not JSON (with line and column), or JSON of another kind than an object.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Rejection> {
        let text = std::str::from_utf8(bytes)
            .map_err(|e| reject(format!("Request body is not UTF-8: invalid byte at offset {}", e.valid_up_to())))?;
        let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        if text.trim().is_empty() {
            return Err(reject("Request body is empty: it must be a JSON object"));
        }
        // serde_json ends its messages with the place, but repeats no content.
        Self::of(serde_json::from_str(text).map_err(|e| reject(format!("Request body is not valid JSON: {e}")))?)
    }

    /// JSON of which only its kind is not known.
    pub(crate) fn of(raw: &'a RawValue) -> Result<Self, Rejection> {
        match validate::kind_of(raw) {
            "an object" => Ok(Self(raw)),
            other => Err(reject(format!("Request body must be a JSON object, not {other} (line 1, column 1)"))),
        }
    }

    /// Checks every field and makes an order of them.
    ///
    /// # Errors
    /// With every problem there is, in the order of the contract.
    pub fn validate(self) -> Result<Order, Rejection> {
        validate::order(self.0)
    }
}

fn reject(message: impl Into<String>) -> Rejection {
    Rejection::one(Problem::body(message))
}
