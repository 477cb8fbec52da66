//! What the alarms cost.

use alarms::Catalogue;
use serde::{Deserialize, Serialize};

use crate::sources::Group;

/// Unit prices of alarms, in US dollars a month.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Prices {
    /// The region they hold for.
    pub region: String,
    /// When they were read.
    pub as_of: String,
    /// A metric in an alarm of 60 s and more. Metric math is billed by the metrics it reads.
    pub standard_metric: f64,
    /// A metric in an alarm below 60 s.
    pub high_resolution_metric: f64,
    /// A composite alarm.
    pub composite: f64,
}

/// Of a price list, what concerns alarms.
#[derive(Deserialize)]
struct File {
    region: String,
    as_of: String,
    prices: Units,
}

#[derive(Deserialize)]
struct Units {
    alarm_metric: Unit,
    high_resolution_alarm_metric: Unit,
    composite_alarm: Unit,
}

#[derive(Deserialize)]
struct Unit {
    usd: f64,
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
    /// The list that is built in.
    pub const BUILT_IN: &'static str = include_str!("../../data/prices.json");

    /// Reads a price list in the form of [`Prices::BUILT_IN`].
    pub fn read(text: &str) -> Result<Self, serde_json::Error> {
        let File { region, as_of, prices } = serde_json::from_str(text)?;
        Ok(Prices {
            region,
            as_of,
            standard_metric: prices.alarm_metric.usd,
            high_resolution_metric: prices.high_resolution_alarm_metric.usd,
            composite: prices.composite_alarm.usd,
        })
    }

    /// The price of all alarms that were read, evaluated or not.
    pub fn of_groups(&self, groups: &[Group]) -> Price {
        let mut all = Catalogue::default();
        for group in groups {
            all.metric_alarms.extend(group.catalogue.metric_alarms.iter().cloned());
            all.metric_alarms.extend(group.open.iter().map(|open| open.alarm.clone()));
            all.composites.extend(group.catalogue.composites.iter().cloned());
        }
        self.of(&all)
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
