//! The alarms to work with, wherever they were read from.

mod yaml;

use crate::model::{About, Actions, CompositeAlarm, MetricAlarm, Observability};
use serde::Serialize;
use suite::{PlaceholderError, Placeholders};

/// A set of alarms.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// Metric alarms.
    pub metric_alarms: Vec<MetricAlarm>,
    /// Composite alarms.
    pub composites: Vec<CompositeAlarm>,
    /// Alarms that were read but cannot be evaluated.
    pub not_supported: Vec<NotEvaluated>,
}

/// An alarm the evaluator leaves alone, because any state it gave would be a guess.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotEvaluated {
    /// `AlarmName`, or the resource's address when the name is not known.
    pub alarm: String,
    /// Why.
    pub reason: String,
}

/// Why a catalogue cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// Not YAML, or not of the catalogue's form.
    #[error("{0}")]
    Yaml(#[from] serde_norway::Error),
    /// A placeholder that nothing fills.
    #[error("{0}")]
    Placeholder(#[from] PlaceholderError),
    /// An alarm that makes no sense.
    #[error("alarm `{alarm}`: {reason}")]
    Alarm {
        /// Its key.
        alarm: String,
        /// Why.
        reason: String,
    },
}

/// One alarm of either kind.
#[derive(Clone, Copy, Debug)]
pub enum Alarm<'a> {
    /// A metric alarm.
    Metric(&'a MetricAlarm),
    /// A composite alarm.
    Composite(&'a CompositeAlarm),
}

impl<'a> Alarm<'a> {
    /// `AlarmName`.
    pub fn name(self) -> &'a str {
        match self {
            Alarm::Metric(alarm) => &alarm.spec.name,
            Alarm::Composite(alarm) => &alarm.name,
        }
    }

    /// The catalogue's key, or the plan's address.
    pub fn key(self) -> &'a str {
        match self {
            Alarm::Metric(alarm) => &alarm.spec.key,
            Alarm::Composite(alarm) => &alarm.key,
        }
    }

    /// What scenarios call it: the key of a catalogue, the name in a plan (whose address is a mouthful).
    pub fn label(self) -> &'a str {
        if self.name().ends_with(self.key()) { self.key() } else { self.name() }
    }

    /// What a person needs to know.
    pub fn about(self) -> &'a About {
        match self {
            Alarm::Metric(alarm) => &alarm.spec.about,
            Alarm::Composite(alarm) => &alarm.about,
        }
    }

    /// Action lists.
    pub fn actions(self) -> &'a Actions {
        match self {
            Alarm::Metric(alarm) => &alarm.spec.actions,
            Alarm::Composite(alarm) => &alarm.actions,
        }
    }
}

impl Catalogue {
    /// Reads a catalogue (the form of `terraform/alarms.yaml`), its placeholders filled.
    pub fn from_yaml(text: &str, placeholders: &Placeholders) -> Result<Self, CatalogueError> {
        yaml::read(text, placeholders)
    }

    /// The alarms of an environment with that much observability.
    #[must_use]
    pub fn at(mut self, observability: Observability) -> Self {
        let is_there = |about: &About| observability == Observability::Full || about.observability == observability;
        self.metric_alarms.retain(|alarm| is_there(&alarm.spec.about));
        self.composites.retain(|alarm| is_there(&alarm.about));
        self
    }

    /// Every alarm, metric alarms first.
    pub fn alarms(&self) -> impl Iterator<Item = Alarm<'_>> {
        let metrics = self.metric_alarms.iter().map(Alarm::Metric);
        metrics.chain(self.composites.iter().map(Alarm::Composite))
    }

    /// Every name, in the order of [`Catalogue::alarms`].
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.alarms().map(Alarm::name)
    }

    /// An alarm by its key or its full name.
    pub fn find(&self, key_or_name: &str) -> Option<Alarm<'_>> {
        self.alarms().find(|alarm| alarm.key() == key_or_name || alarm.name() == key_or_name)
    }

    /// Number of alarms that can be evaluated.
    pub fn len(&self) -> usize {
        self.metric_alarms.len() + self.composites.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
