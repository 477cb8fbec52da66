use crate::model::{MetricAlarm, MissingData};

/// What AWS leaves open, as settings. The defaults are explained in the README.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The evaluation range is N plus this many periods.
    pub range_beyond_n: usize,
    /// How alarms on `AWS/DynamoDB` metrics treat missing data.
    pub dynamodb: DynamoDbReading,
    /// Alarms over more than a day are evaluated at this minute of every hour (0-59).
    pub hourly_minute: u8,
}

impl Default for Options {
    fn default() -> Self {
        Options { range_beyond_n: 2, dynamodb: DynamoDbReading::default(), hourly_minute: 3 }
    }
}

/// The two readings of AWS's texts on missing data in `AWS/DynamoDB` alarms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DynamoDbReading {
    /// The user guide: `ignore` is the default, an explicit treatment holds.
    #[default]
    IgnoreByDefault,
    /// The API reference: always `ignore`, whatever the definition says.
    IgnoreAlways,
}

impl DynamoDbReading {
    /// Both, for those who do not want to depend on it.
    pub const BOTH: [DynamoDbReading; 2] = [DynamoDbReading::IgnoreByDefault, DynamoDbReading::IgnoreAlways];

    /// The name used in scenario files and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            DynamoDbReading::IgnoreByDefault => "ignore-by-default",
            DynamoDbReading::IgnoreAlways => "ignore-always",
        }
    }

    /// The treatment of missing data that is in force for an alarm.
    pub fn treatment(self, alarm: &MetricAlarm) -> MissingData {
        let dynamodb = alarm.metrics().any(|(_, metric, _)| metric.namespace == "AWS/DynamoDB");
        match (dynamodb, self, alarm.spec.missing_data) {
            (true, DynamoDbReading::IgnoreAlways, _) | (true, _, None) => MissingData::Ignore,
            (_, _, Some(explicit)) => explicit,
            (false, _, None) => MissingData::Missing,
        }
    }
}
