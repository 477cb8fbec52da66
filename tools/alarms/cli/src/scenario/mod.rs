//! Scenarios: recorded or made-up series, and the alarm states and actions they must lead to.

mod baseline;
mod bind;
mod depends;
mod expand;
mod file;
mod find;
mod form;
pub mod init;
mod later;
mod moments;
mod notation;
mod run;
mod untested;
mod why;

use std::fmt;

use alarms::{
    evaluate::DynamoDbReading,
    model::{EpochSeconds, MetricKey, State},
};
pub use baseline::{Baseline, BaselineError};
pub use bind::bind;
use cloudwatch::Sample;
pub use depends::{Verdict, all};
pub use expand::glob;
pub use file::{File, ScenarioError, read};
pub use find::find;
pub use notation::{NotationError, parse_series};
pub use run::{Failure, Outcome, run};
use serde::Serialize;
pub use untested::{Untested, untested};

use crate::sources::Group;

/// One scenario, ready to run.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// What it shows.
    pub name: String,
    /// Where it is written.
    pub place: Location,
    /// Its moment zero.
    pub start: EpochSeconds,
    /// Which readings of the DynamoDB texts it must hold under.
    pub readings: Vec<DynamoDbReading>,
    /// It must hold under every reading of AWS's texts.
    pub every_reading: bool,
    /// Points of AWS's texts that it says it depends on, of [`alarms::evaluate::Options::POINTS`].
    pub depends_on: Vec<String>,
    /// How long after its period a datapoint can be seen, in seconds.
    pub delay: i64,
    /// The data.
    pub series: Vec<Series>,
    /// What only AWS could compute: an alarm, an id of it (`band_low` and `band_high` of a band), and its series.
    pub given: Vec<(String, String, Series)>,
    /// States of alarms that are not among the project's: a name, and from when on in which state.
    pub states: Vec<(String, Vec<(i64, State)>)>,
    /// What must be true when.
    pub expect: Vec<Expectation>,
    /// Every action that must have run, and no other; unchecked when absent.
    pub fired: Option<Vec<String>>,
}

/// A place in a scenario file.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Location {
    /// As it was given.
    pub file: String,
    /// Counted from 1.
    pub line: usize,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

impl Scenario {
    /// What it says of the alarms of a smaller group; nothing, when it is about others alone.
    #[must_use]
    pub fn about(mut self, group: &Group) -> Option<Self> {
        for expectation in &mut self.expect {
            expectation.states.retain(|(alarm, _)| find(group, alarm).is_some());
        }
        self.expect.retain(|expectation| !expectation.states.is_empty());
        if let Some(fired) = &mut self.fired {
            // `3m intake-failing ALARM page`
            fired.retain(|action| action.split(' ').nth(1).is_some_and(|alarm| find(group, alarm).is_some()));
        }
        (!self.expect.is_empty()).then_some(self)
    }
}

/// The data of one metric.
#[derive(Clone, Debug)]
pub struct Series {
    /// Its name in the file.
    pub alias: String,
    /// What it is of.
    pub of: Watched,
    /// Its unit; without one it has the one that the alarms ask for.
    pub unit: Option<String>,
    /// Seconds between two points.
    pub step: i64,
    /// The notation, for reports.
    pub text: String,
    /// The points; `None` is missing.
    pub points: Vec<Option<Sample>>,
}

/// How a scenario names a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watched {
    /// By itself.
    Metric(MetricKey),
    /// As what an alarm watches under an id; the only one it has, without an id.
    By {
        /// Key, name or address.
        alarm: String,
        /// The id.
        id: Option<String>,
    },
}

impl Series {
    /// The metric, where it is named by itself.
    pub fn metric(&self) -> Option<&MetricKey> {
        match &self.of {
            Watched::Metric(key) => Some(key),
            Watched::By { .. } => None,
        }
    }
}

/// States at a moment.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// Seconds after the start.
    pub at: i64,
    /// Alarm key or name, and its state.
    pub states: Vec<(String, State)>,
}
