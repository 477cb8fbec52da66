use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::Value;

/// An answer before it is written in the caller's protocol.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// A string.
    Text(String),
    /// An integer: clients that read CBOR tell it from a number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// A truth.
    Boolean(bool),
    /// A moment, in epoch seconds.
    Time(f64),
    /// Bytes: base64 where the protocol is text.
    Blob(Vec<u8>),
    /// A list.
    List(Vec<Output>),
    /// A structure.
    Map(Vec<(&'static str, Output)>),
    /// A structure whose members are handed on as they came.
    Structure(Vec<(String, Output)>),
    /// A map whose keys are data.
    Dictionary(Vec<(String, Output)>),
}

impl Output {
    /// The answer of an operation that has nothing to say.
    #[must_use]
    pub fn empty() -> Self {
        Self::Map(Vec::new())
    }

    /// A list of what becomes output.
    pub fn list<T: Into<Self>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::List(items.into_iter().map(Into::into).collect())
    }

    /// As the JSON protocols carry it: a moment is its epoch seconds.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Self::Text(text) => Value::from(text.as_str()),
            Self::Integer(number) => Value::from(*number),
            Self::Number(number) | Self::Time(number) => Value::from(*number),
            Self::Boolean(truth) => Value::from(*truth),
            Self::Blob(bytes) => Value::from(BASE64_STANDARD.encode(bytes)),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Map(members) => {
                Value::Object(members.iter().map(|(name, member)| ((*name).to_owned(), member.to_json())).collect())
            }
            Self::Structure(entries) | Self::Dictionary(entries) => {
                Value::Object(entries.iter().map(|(name, value)| (name.clone(), value.to_json())).collect())
            }
        }
    }
}

/// A part of a request, for an answer that repeats it.
impl From<&Value> for Output {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Text(String::new()),
            Value::Bool(truth) => Self::Boolean(*truth),
            Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(whole), _) => Self::Integer(whole),
                (None, number) => Self::Number(number.unwrap_or_default()),
            },
            Value::String(text) => Self::from(text),
            Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            Value::Object(members) => {
                Self::Structure(members.iter().map(|(name, value)| (name.clone(), Self::from(value))).collect())
            }
        }
    }
}

impl From<&str> for Output {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Output {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Output {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<bool> for Output {
    fn from(truth: bool) -> Self {
        Self::Boolean(truth)
    }
}

impl From<i64> for Output {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<u32> for Output {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<f64> for Output {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}
