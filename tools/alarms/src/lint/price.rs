//! What the alarms cost.

use crate::catalogue::Catalogue;
use serde::{Deserialize, Serialize};

/// Unit prices, with where and when they were read.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// The region they hold for.
    pub region: String,
    /// When they were read.
    pub date: String,
    /// Where.
    pub source: String,
    /// A metric in an alarm of 60 s and more, a month.
    pub standard_metric: f64,
    /// A metric in an alarm below 60 s.
    pub high_resolution_metric: f64,
    /// A composite alarm.
    pub composite: f64,
}

/// What a catalogue costs a month, in US dollars.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Price {
    /// Metrics in alarms of 60 s and more.
    pub standard_metrics: usize,
    /// Metrics in alarms below 60 s.
    pub high_resolution_metrics: usize,
    /// Composite alarms.
    pub composites: usize,
    /// All of them.
    pub usd_a_month: f64,
}

impl Prices {
    /// The prices of `data/prices.yaml`.
    pub fn read() -> Result<Self, serde_norway::Error> {
        serde_norway::from_str(include_str!("../../data/prices.yaml"))
    }

    /// The price of a set of alarms.
    pub fn of(&self, catalogue: &Catalogue) -> Price {
        let (mut standard, mut high) = (0, 0);
        for alarm in &catalogue.metric_alarms {
            let count = if alarm.spec.period < 60 { &mut high } else { &mut standard };
            *count += alarm.metrics().count();
        }
        let composites = catalogue.composites.len();
        Price {
            standard_metrics: standard,
            high_resolution_metrics: high,
            composites,
            usd_a_month: standard as f64 * self.standard_metric
                + high as f64 * self.high_resolution_metric
                + composites as f64 * self.composite,
        }
    }
}
