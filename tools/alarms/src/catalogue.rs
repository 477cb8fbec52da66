//! The alarms to work with, wherever they were read from.

use serde::Serialize;

use crate::model::{About, Actions, CompositeAlarm, MetricAlarm, MuteRule, Observability};

/// A set of alarms.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// Metric alarms.
    pub metric_alarms: Vec<MetricAlarm>,
    /// Composite alarms.
    pub composites: Vec<CompositeAlarm>,
    /// What keeps actions back by the clock.
    pub mute_rules: Vec<MuteRule>,
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
