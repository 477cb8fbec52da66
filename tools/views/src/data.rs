//! What is drawn: the answers to a dashboard's questions.

use serde::{Deserialize, Serialize};

use crate::table::Table;

/// The time that is shown, in epoch seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// Where the time axis begins.
    pub start: i64,
    /// Where it ends.
    pub end: i64,
}

/// A datapoint: the beginning of its period in epoch seconds, and the value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point(pub i64, pub f64);

/// The answer to one [`Query`](crate::body::Query). An expression may answer with several of one id.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series {
    /// The query's.
    pub id: String,
    /// What the service calls it; told where the body gives no label.
    pub label: Option<String>,
    /// As CloudWatch names it: `Milliseconds`.
    pub unit: Option<String>,
    /// By time; what is missing is not there.
    pub points: Vec<Point>,
}

/// An alarm's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AlarmState {
    /// It is breached.
    Alarm,
    /// There is too little to tell.
    InsufficientData,
    /// All is well.
    Ok,
}

/// An alarm as a dashboard shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Alarm {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Its state.
    pub state: AlarmState,
    /// When that last changed, in epoch seconds.
    pub state_since: i64,
    /// When anything of it last changed.
    pub updated: i64,
    /// Why it is in that state.
    pub reason: String,
    /// What its metric is compared with, and how: `>= 5`.
    pub threshold: Option<(f64, String)>,
    /// What it looks at, for a widget that shows the alarm.
    pub series: Vec<Series>,
}

/// What a widget asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Of a metric widget, and of the alarm it shows.
    Metrics(Vec<Series>, Option<Box<Alarm>>),
    /// Of a log widget.
    Rows(Table),
    /// Of an alarm widget.
    Alarms(Vec<Alarm>),
    /// What the function of a custom widget answered.
    Custom(serde_json::Value),
    /// Nothing was asked: a text explains itself.
    Nothing,
    /// Why there is no answer.
    Failed(String),
}

impl AlarmState {
    /// A symbol, so that no colour is needed to read it.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Alarm => "▲",
            Self::InsufficientData => "?",
            Self::Ok => "✓",
        }
    }

    /// A word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Alarm => "In alarm",
            Self::InsufficientData => "Insufficient data",
            Self::Ok => "OK",
        }
    }

    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Alarm => "alarm",
            Self::InsufficientData => "unsure",
            Self::Ok => "ok",
        }
    }

    /// As the API writes it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Alarm, Self::InsufficientData, Self::Ok].into_iter().find(|state| state.api() == text)
    }

    /// As the API writes it.
    #[must_use]
    pub fn api(self) -> &'static str {
        match self {
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
            Self::Ok => "OK",
        }
    }
}
