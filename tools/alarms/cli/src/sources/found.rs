//! What the readers have found: alarms by region and account, resources, and what is to be told once.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
};

use alarms::{
    Catalogue,
    catalogue::{Alarm, NotEvaluated},
};
use serde_json::Value;

use super::{
    definition::{self, Read},
    lines,
    open::OpenAlarm,
    resource::Resource,
};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// A plan or a state of Terraform or OpenTofu.
    Terraform,
    /// A template of CloudFormation, SAM or CDK.
    Template,
    /// The answer of DescribeAlarms.
    Described,
    /// A catalogue (`alarms:`).
    Catalogue,
    /// Scenarios: no alarms, but no mistake either.
    Scenarios,
}

impl Form {
    /// For a person.
    pub fn words(self) -> &'static str {
        match self {
            Form::Terraform => "Terraform plan or state",
            Form::Template => "CloudFormation template",
            Form::Described => "answer of describe-alarms",
            Form::Catalogue => "catalogue",
            Form::Scenarios => "scenarios",
        }
    }
}

/// Where alarms live: a name is one alarm's in one account and region.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// `eu-west-1`; `None` where the file doesn't say.
    pub region: Option<String>,
    /// Twelve digits; `None` where the file doesn't say.
    pub account: Option<String>,
}

impl Place {
    /// `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:name`.
    pub(super) fn of_arn(arn: &str) -> Self {
        let part = |at: usize| arn.split(':').nth(at).filter(|part| !part.is_empty()).map(str::to_owned);
        if arn.starts_with("arn:") { Place { region: part(3), account: part(4) } } else { Place::default() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<&str> = [&self.account, &self.region].into_iter().flatten().map(String::as_str).collect();
        f.write_str(&parts.join("/"))
    }
}

/// The alarms of one account and region.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Which.
    pub place: Place,
    /// Its alarms.
    pub catalogue: Catalogue,
    /// Those that need something only AWS knows.
    pub open: Vec<OpenAlarm>,
    /// File and line of an alarm's definition, by its key.
    pub lines: HashMap<String, (String, Option<usize>)>,
    names: BTreeSet<String>,
}

impl Group {
    /// Of a catalogue alone.
    pub fn of(catalogue: Catalogue) -> Self {
        Group { catalogue, ..Group::default() }
    }

    /// How many alarms there are, evaluated or not.
    pub fn len(&self) -> usize {
        self.catalogue.len() + self.open.len() + self.catalogue.not_supported.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every alarm that was understood: lints need nothing given.
    pub fn whole(&self) -> Catalogue {
        let mut whole = self.catalogue.clone();
        whole.metric_alarms.extend(self.open.iter().map(|open| open.alarm.clone()));
        whole
    }

    /// `main.tf.json:12`, where an alarm is defined.
    pub fn line_of(&self, key: &str) -> Option<(&str, Option<usize>)> {
        self.lines.get(key).map(|(file, line)| (file.as_str(), *line))
    }
}

#[derive(Clone, Copy)]
pub(super) enum Kind {
    Metric,
    Composite,
    Mute,
}

/// All that was found so far.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The alarms.
    pub groups: Vec<Group>,
    /// What alarms may watch.
    pub resources: Vec<Resource>,
    /// Outputs of plans and states: they fill placeholders of scenarios.
    pub outputs: BTreeMap<String, String>,
    /// What a person is told, once each.
    pub notes: Vec<String>,
    /// How many values are known only after the apply.
    pub unknown: usize,
    file: String,
    /// What was read of the file at hand: group, key, and the text that marks its definition.
    pending: Vec<(usize, String, String)>,
    text: String,
}

impl Found {
    pub(super) fn begin(&mut self, file: &str, text: &str) {
        self.end();
        self.file = file.to_owned();
        self.text = text.to_owned();
    }

    /// Finds the lines of what was read. Called by the next file, and by [`Found::settle`].
    pub fn end(&mut self) {
        let text = std::mem::take(&mut self.text);
        let wanted: BTreeSet<&str> = self.pending.iter().map(|(_, _, mark)| mark.as_str()).collect();
        let lines = lines::of_all(&text, &wanted);
        let pending: Vec<_> = self
            .pending
            .iter()
            .map(|(group, key, mark)| (*group, key.clone(), lines.get(mark.as_str()).copied()))
            .collect();
        for (group, key, line) in pending {
            self.groups[group].lines.insert(key, (self.file.clone(), line));
        }
        self.pending.clear();
    }

    /// What says no region is where the rest is, if the rest is in one place. Called once, at the end.
    pub fn settle(&mut self) {
        self.end();
        let nowhere = self.groups.iter().position(|group| group.place == Place::default());
        if let (2, Some(at)) = (self.groups.len(), nowhere) {
            let group = self.groups.remove(at);
            let Some(rest) = self.groups.first_mut() else { return };
            rest.catalogue.metric_alarms.extend(group.catalogue.metric_alarms);
            rest.catalogue.composites.extend(group.catalogue.composites);
            rest.catalogue.mute_rules.extend(group.catalogue.mute_rules);
            rest.catalogue.not_supported.extend(group.catalogue.not_supported);
            rest.open.extend(group.open);
            rest.lines.extend(group.lines);
            rest.names.extend(group.names);
        }
    }

    fn group(&mut self, place: Place) -> usize {
        let at = self.groups.iter().position(|group| group.place == place);
        at.unwrap_or_else(|| {
            self.groups.push(Group { place, ..Group::default() });
            self.groups.len() - 1
        })
    }

    /// An alarm or a mute rule in the API's form; `mark` is the text its definition has in the file.
    pub(super) fn add(&mut self, place: Place, kind: Kind, value: &Value, name: &str, key: &str, mark: &str) {
        let at = self.group(place);
        let group = &mut self.groups[at];
        if !matches!(kind, Kind::Mute) && !group.names.insert(name.to_owned()) {
            let place = group.place.to_string();
            let place = if place.is_empty() { String::new() } else { format!(" in {place}") };
            self.notes
                .push(format!("{}: an alarm named {name} was read before{place}; this one is left out", self.file));
            return;
        }
        self.pending.push((at, key.to_owned(), mark.to_owned()));
        let read = match kind {
            Kind::Metric => definition::metric(value, name, key).map(|read| match read {
                Read::Alarm(alarm) => group.catalogue.metric_alarms.push(alarm),
                Read::Open(open) => group.open.push(open),
            }),
            Kind::Composite => {
                definition::composite(value, name, key).map(|alarm| group.catalogue.composites.push(alarm))
            }
            Kind::Mute => definition::mute_rule(value, name).map(|rule| group.catalogue.mute_rules.push(rule)),
        };
        if let Err(reason) = read {
            group.catalogue.not_supported.push(NotEvaluated { alarm: name.to_owned(), reason });
        }
    }

    pub(super) fn not_supported(&mut self, alarm: &str, reason: &str) {
        let at = self.group(Place::default());
        let entry = NotEvaluated { alarm: alarm.to_owned(), reason: reason.to_owned() };
        self.groups[at].catalogue.not_supported.push(entry);
    }

    /// A whole catalogue.
    pub(super) fn take(&mut self, catalogue: Catalogue) {
        let at = self.group(Place::default());
        for alarm in catalogue.alarms().map(Alarm::key) {
            self.pending.push((at, alarm.to_owned(), alarm.to_owned()));
        }
        let group = &mut self.groups[at];
        group.names.extend(catalogue.names().map(str::to_owned));
        group.catalogue.metric_alarms.extend(catalogue.metric_alarms);
        group.catalogue.composites.extend(catalogue.composites);
        group.catalogue.not_supported.extend(catalogue.not_supported);
    }

    /// How many alarms there are, evaluated or not.
    pub fn len(&self) -> usize {
        self.groups.iter().map(Group::len).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
