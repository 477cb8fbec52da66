use crate::{metric::MetricKey, stats::Statistic};

/// One entry of a list of metrics and expressions: `MetricDataQueries` of a request, `Metrics` of an alarm.
#[derive(Clone, Debug)]
pub struct Query {
    /// The name expressions use.
    pub id: String,
    /// The name people read.
    pub label: Option<String>,
    /// Metric or expression.
    pub source: Source,
}

/// Where the values of a [`Query`] come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// `MetricStat`.
    Metric {
        /// Which metric.
        metric: MetricKey,
        /// Which statistic of each period.
        stat: Statistic,
        /// Only datapoints with this unit.
        unit: Option<String>,
    },
    /// `Expression`.
    Expression(String),
}
