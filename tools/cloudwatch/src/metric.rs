use std::{collections::BTreeMap, fmt};

/// A moment in whole seconds since 1970-01-01T00:00:00Z.
pub type EpochSeconds = i64;

/// A metric: namespace, name and the **exact** dimension set. CloudWatch does not aggregate over
/// dimensions, so a dimension too many or too few is another metric.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MetricKey {
    /// `AWS/SQS`, or a namespace of your own.
    pub namespace: String,
    /// `ApproximateAgeOfOldestMessage`.
    pub name: String,
    /// Dimension names and values; the order has no meaning.
    pub dimensions: BTreeMap<String, String>,
}

impl MetricKey {
    /// A metric without dimensions.
    pub fn new(namespace: impl Into<String>, name: impl Into<String>) -> Self {
        MetricKey { namespace: namespace.into(), name: name.into(), dimensions: BTreeMap::new() }
    }

    /// The same metric with one more dimension.
    #[must_use]
    pub fn with(mut self, dimension: impl Into<String>, value: impl Into<String>) -> Self {
        self.dimensions.insert(dimension.into(), value.into());
        self
    }
}

impl fmt::Display for MetricKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.namespace, self.name)?;
        for (index, (name, value)) in self.dimensions.iter().enumerate() {
            f.write_str(if index == 0 { " {" } else { ", " })?;
            write!(f, "{name}={value}")?;
        }
        if self.dimensions.is_empty() { Ok(()) } else { f.write_str("}") }
    }
}
