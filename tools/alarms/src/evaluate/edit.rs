//! Alarms come, change and go while the clock runs.

use std::collections::HashMap;

use super::{Evaluator, composites, metric::MetricRuntime, window};
use crate::{
    catalogue::NotEvaluated,
    composite::{Suppression, alarm_name, references},
    model::{CompositeAlarm, MetricAlarm},
};

/// An alarm as it is put.
#[derive(Clone, Debug)]
pub enum Put {
    /// A metric alarm.
    Metric(Box<MetricAlarm>),
    /// A composite alarm.
    Composite(Box<CompositeAlarm>),
    /// An alarm that is known, and can't be evaluated.
    NotEvaluated(NotEvaluated),
}

impl Evaluator {
    /// Takes an alarm, or another definition of one that is there: its state stays until the next evaluation.
    pub fn put(&mut self, alarm: Put) {
        let name = match &alarm {
            Put::Metric(alarm) => alarm.spec.name.clone(),
            Put::Composite(alarm) => alarm.name.clone(),
            Put::NotEvaluated(alarm) => alarm.alarm.clone(),
        };
        let before = self.take(&name);
        self.edited = true;
        let metrics = self.catalogue.metric_alarms.len();
        let composites = self.catalogue.composites.len();
        let (place, reason) = match alarm {
            Put::Metric(alarm) => {
                self.catalogue.metric_alarms.push(*alarm);
                (metrics, None)
            }
            Put::Composite(alarm) => {
                self.catalogue.composites.push(*alarm);
                (metrics + composites, None)
            }
            Put::NotEvaluated(alarm) => {
                let reason = alarm.reason.clone();
                self.catalogue.not_supported.push(alarm);
                (usize::MAX, Some(reason))
            }
        };
        match before {
            Some(mut status) => {
                status.known = reason.is_none();
                if let Some(reason) = reason {
                    status.reason = reason;
                }
                self.states.put_back(place, status);
            }
            None => self.states.insert(place, &name, reason.as_deref(), self.ticked.unwrap_or_default()),
        }
    }

    /// Forgets an alarm; says whether it was there.
    pub fn remove(&mut self, name: &str) -> bool {
        self.take(name).is_some()
    }

    /// The alarms that name an alarm in their rule or as their suppressor.
    pub fn dependents<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a CompositeAlarm> {
        let composites = self.catalogue.composites.iter();
        composites.filter(move |composite| references(composite).any(|reference| alarm_name(reference) == name))
    }

    fn take(&mut self, name: &str) -> Option<super::Status> {
        let place = self.states.place(name)?;
        self.edited = true;
        let (metrics, composites) = (self.catalogue.metric_alarms.len(), self.catalogue.composites.len());
        if place < metrics {
            self.catalogue.metric_alarms.remove(place);
        } else if place < metrics + composites {
            self.catalogue.composites.remove(place - metrics);
        } else {
            self.catalogue.not_supported.remove(place - metrics - composites);
        }
        Some(self.states.remove(place))
    }

    /// Makes the runtimes of the catalogue, if it has changed. Suppressors' clocks go on.
    pub(super) fn settle(&mut self) {
        if !std::mem::take(&mut self.edited) {
            return;
        }
        let mut clocks: HashMap<String, Suppression> = HashMap::new();
        for runtime in self.composites.drain(..) {
            clocks.extend(runtime.suppressor.map(|(_, clock)| (runtime.name, clock)));
        }
        self.store.unwatch_all();
        let (store, options) = (&mut self.store, &self.options);
        let alarms = &self.catalogue.metric_alarms;
        self.metrics = alarms.iter().map(|alarm| MetricRuntime::new(alarm, store, options)).collect();
        self.watchers.clear();
        self.look_back = 0;
        for (place, (runtime, alarm)) in self.metrics.iter().zip(alarms).enumerate() {
            self.look_back = self.look_back.max(runtime.look_back(alarm));
            for id in runtime.inputs() {
                if self.watchers.len() <= id.index() {
                    self.watchers.resize(id.index() + 1, Vec::new());
                }
                self.watchers[id.index()].push(place);
            }
        }
        let statuses = self.states.all().iter().enumerate();
        let places: HashMap<&str, usize> = statuses.map(|(place, status)| (status.alarm.as_str(), place)).collect();
        let (mut ready, circles, dangling) = composites::runtimes(&self.catalogue.composites, &places);
        for runtime in &mut ready {
            let clock = clocks.remove(&runtime.name);
            if let (Some((_, own)), Some(mut clock)) = (&mut runtime.suppressor, clock) {
                clock.change_periods(own);
                *own = clock;
            }
        }
        for alarm in &circles {
            if let Some(place) = self.states.place(&alarm.alarm) {
                self.states.explain(place, &alarm.reason);
            }
        }
        self.composites = ready;
        self.not_evaluated = circles;
        self.not_evaluated.extend(dangling);
        self.not_evaluated.extend(self.catalogue.not_supported.iter().cloned());
        self.step = self.catalogue.metric_alarms.iter().map(window::interval).min().unwrap_or(60);
    }
}
