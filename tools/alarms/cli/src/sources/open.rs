//! Alarms on what only AWS can compute: anomaly detection bands, results of SEARCH and of Metrics Insights. A scenario gives them.

use alarms::model::{MetricAlarm, MetricKey, Source};
use cloudwatch::stats::Statistic;

/// The namespace of what a scenario gives: no service has it.
const NAMESPACE: &str = "(given)";

/// An alarm that can be evaluated once a scenario gives what it needs.
#[derive(Clone, Debug)]
pub struct OpenAlarm {
    /// The alarm, with metrics in the place of what is given.
    pub alarm: MetricAlarm,
    /// What it needs.
    pub needs: Vec<Need>,
}

/// Something a scenario gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// The two lines of an anomaly detection band: `band: { ALARM: { low: .., high: .. } }`.
    Band {
        /// `ThresholdMetricId`.
        id: String,
    },
    /// The series of an expression that asks AWS: `given: { ALARM: { e1: .. } }`.
    Result {
        /// The query.
        id: String,
    },
}

impl OpenAlarm {
    /// Why it is not evaluated, in words.
    pub fn reason(&self) -> String {
        let needs: Vec<String> = self
            .needs
            .iter()
            .map(|need| match need {
                Need::Band { id } => format!("the band `{id}` (band: {{ ALARM: {{ low: .., high: .. }} }})"),
                Need::Result { id } => format!("the result `{id}` (given: {{ ALARM: {{ {id}: .. }} }})"),
            })
            .collect();
        format!("not supported without a scenario that gives {}", needs.join(" and "))
    }
}

/// The series that a scenario gives for an id of an alarm.
pub fn given_key(alarm: &str, id: &str) -> MetricKey {
    MetricKey::new(NAMESPACE, id).with("alarm", alarm)
}

/// Whether a metric is one that a scenario gives.
pub fn is_given(key: &MetricKey) -> bool {
    key.namespace == NAMESPACE
}

pub(super) fn given(alarm: &str, id: &str) -> Source {
    Source::Metric { metric: given_key(alarm, id), stat: Statistic::Average, unit: None }
}
