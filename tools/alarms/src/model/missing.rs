use serde::{Deserialize, Serialize};

/// What a missing datapoint means (`TreatMissingData`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MissingData {
    /// Nothing; `INSUFFICIENT_DATA` when every point of the range is missing. CloudWatch's default.
    Missing,
    /// The current state is kept.
    Ignore,
    /// A missing point breaches.
    Breaching,
    /// A missing point does not breach.
    NotBreaching,
}

impl MissingData {
    /// The spelling of the CloudWatch API.
    pub fn as_str(self) -> &'static str {
        match self {
            MissingData::Missing => "missing",
            MissingData::Ignore => "ignore",
            MissingData::Breaching => "breaching",
            MissingData::NotBreaching => "notBreaching",
        }
    }

    /// Reads the spelling of the CloudWatch API.
    pub fn parse(text: &str) -> Option<Self> {
        [MissingData::Missing, MissingData::Ignore, MissingData::Breaching, MissingData::NotBreaching]
            .into_iter()
            .find(|mode| mode.as_str() == text)
    }
}
