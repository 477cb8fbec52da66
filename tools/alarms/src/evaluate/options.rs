use cloudwatch::math::{ClockPoints, Gaps, IfGaps};

use crate::model::{MetricAlarm, MissingData};

/// What AWS leaves open, as settings. The defaults are explained in the README.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The evaluation range is N plus this many periods, at most [`Options::MOST_BEYOND_N`].
    pub range_beyond_n: usize,
    /// How alarms on `AWS/DynamoDB` metrics treat missing data.
    pub dynamodb: DynamoDbReading,
    /// Alarms over more than a day are evaluated at this minute of every hour (0-59).
    pub hourly_minute: u8,
    /// Where the periods of a sliding window end.
    pub alignment: Alignment,
    /// How metric math treats missing points.
    pub gaps: Gaps,
    /// What too few and too young breaching points make of an alarm.
    pub early: EarlyReading,
    /// What an old breaching point behind a full window of missing ones makes of an alarm.
    pub old: OldReading,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            range_beyond_n: 2,
            dynamodb: DynamoDbReading::default(),
            hourly_minute: 3,
            alignment: Alignment::default(),
            gaps: Gaps::default(),
            early: EarlyReading::default(),
            old: OldReading::default(),
        }
    }
}

impl Options {
    /// Longer evaluation ranges are no reading of any text of AWS's.
    pub const MOST_BEYOND_N: usize = 100;

    /// What is read in more than one way: the words that name a reading's point.
    pub const POINTS: [&'static str; 7] = ["range", "alignment", "dynamodb", "if", "clock", "early", "old"];

    /// Every other reading of AWS's texts: these options with one point read in another way at a time.
    pub fn readings(&self) -> Vec<Reading> {
        let mut readings = Vec::new();
        let mut add = |point: &'static str, name: String, options: Options| {
            if options != *self {
                readings.push(Reading { point, name, options });
            }
        };
        for beyond in 0..=5 {
            add("range", format!("range N+{beyond}"), Options { range_beyond_n: beyond, ..self.clone() });
        }
        for alignment in [Alignment::Minute, Alignment::Period] {
            add("alignment", format!("periods end {}", alignment.words()), Options { alignment, ..self.clone() });
        }
        for dynamodb in DynamoDbReading::BOTH {
            add("dynamodb", format!("DynamoDB {}", dynamodb.as_str()), Options { dynamodb, ..self.clone() });
        }
        for if_gaps in [IfGaps::Text, IfGaps::Vectors] {
            let gaps = Gaps { if_gaps, ..self.gaps };
            add("if", format!("IF as {}", if_gaps.words()), Options { gaps, ..self.clone() });
        }
        for clock in [ClockPoints::Always, ClockPoints::WhereTheSeriesHasThem] {
            let gaps = Gaps { clock, ..self.gaps };
            add("clock", format!("clock functions {}", clock.words()), Options { gaps, ..self.clone() });
        }
        for early in [EarlyReading::Ok, EarlyReading::InsufficientData] {
            add("early", format!("an early point is {}", early.words()), Options { early, ..self.clone() });
        }
        for old in [OldReading::Alarm, OldReading::Ok] {
            add("old", format!("an old point is {}", old.words()), Options { old, ..self.clone() });
        }
        readings
    }
}

/// One way to read AWS's texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Which point is read otherwise, one of [`Options::POINTS`].
    pub point: &'static str,
    /// In words.
    pub name: String,
    /// As options.
    pub options: Options,
}

/// Where the periods of a sliding window end. The guide shows windows that slide by a minute; the field has also seen periods that
/// begin on a multiple of the period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alignment {
    /// At the minute of the evaluation.
    #[default]
    Minute,
    /// On the last multiple of the period.
    Period,
}

impl Alignment {
    fn words(self) -> &'static str {
        match self {
            Alignment::Minute => "at the evaluation's minute",
            Alignment::Period => "on multiples of the period",
        }
    }
}

/// `----X` with M = N = 3 and treatment `missing`: the guide says that it is not `ALARM`, and no more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EarlyReading {
    /// A point exists, so the data are not insufficient.
    #[default]
    Ok,
    /// There are too few of them to say anything.
    InsufficientData,
}

impl EarlyReading {
    fn words(self) -> &'static str {
        match self {
            EarlyReading::Ok => "OK",
            EarlyReading::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}

/// `-X---` with M = N = 3 and treatment `missing`: the guide speaks of the evaluation range and of the periods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OldReading {
    /// The point is in the evaluation range, and as old as M periods.
    #[default]
    Alarm,
    /// It is outside the evaluation periods.
    Ok,
}

impl OldReading {
    fn words(self) -> &'static str {
        match self {
            OldReading::Alarm => "ALARM",
            OldReading::Ok => "OK",
        }
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
