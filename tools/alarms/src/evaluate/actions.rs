//! What becomes of an alarm's actions: they run, or something keeps them back.

use std::collections::HashMap;

use super::{ActionOutcome, Evaluator, Transition};
use crate::{
    composite::alarm_name,
    model::{Actions, EpochSeconds, MuteRule, State},
};

/// What is remembered about actions between two moments.
#[derive(Debug, Default)]
pub(super) struct Acting {
    /// When an alarm's Auto Scaling actions last ran.
    scaled: HashMap<String, EpochSeconds>,
    /// When the window closes that keeps an alarm's actions back.
    muted: HashMap<String, EpochSeconds>,
}

/// Auto Scaling is asked again as long as the state lasts.
fn is_scaling(action: &str) -> bool {
    action.starts_with("arn:") && action.split(':').nth(2) == Some("autoscaling")
}

impl Evaluator {
    fn actions(&self, place: usize) -> Option<&Actions> {
        let metrics = self.catalogue.metric_alarms.len();
        match self.catalogue.metric_alarms.get(place) {
            Some(alarm) => Some(&alarm.spec.actions),
            None => self.catalogue.composites.get(place - metrics).map(|composite| &composite.actions),
        }
    }

    /// The mute rule whose window is open over an alarm, and when it closes.
    fn mute(&self, name: &str, at: EpochSeconds) -> Option<(&MuteRule, EpochSeconds)> {
        let rules = self.catalogue.mute_rules.iter();
        let over = rules.filter(|rule| rule.targets.iter().any(|target| alarm_name(target) == name));
        over.filter_map(|rule| Some((rule, rule.open_until(at)?))).max_by_key(|(_, until)| *until)
    }

    /// An alarm has come to a state: its actions run, if nothing keeps them back.
    pub(super) fn run(&mut self, place: usize, to: State, at: EpochSeconds) -> ActionOutcome {
        let name = self.states.all()[place].alarm.clone();
        self.acting.muted.remove(&name);
        let Some(actions) = self.actions(place) else { return ActionOutcome::Fired(Vec::new()) };
        if !actions.enabled {
            return ActionOutcome::Disabled;
        }
        let list = actions.of(to).to_vec();
        if let Some((rule, until)) = self.mute(&name, at).filter(|_| !list.is_empty()) {
            let rule = rule.name.clone();
            self.acting.muted.insert(name, until);
            return ActionOutcome::Muted(rule);
        }
        if list.iter().any(|action| is_scaling(action)) {
            self.acting.scaled.insert(name, at);
        } else {
            self.acting.scaled.remove(&name);
        }
        ActionOutcome::Fired(list)
    }

    /// Windows that have closed let go what is still so; Auto Scaling is asked again every period.
    pub(super) fn act_again(&mut self, at: EpochSeconds, out: &mut Vec<Transition>) {
        let closed: Vec<String> =
            self.acting.muted.iter().filter(|(_, until)| at >= **until).map(|(name, _)| name.clone()).collect();
        for name in closed {
            self.acting.muted.remove(&name);
            if let Some(place) = self.states.place(&name) {
                let state = self.states.at(place);
                let outcome = self.run(place, state, at);
                out.push(self.states.transition(place, state, at, outcome));
            }
        }
        let scaled: Vec<(String, EpochSeconds)> =
            self.acting.scaled.iter().map(|(name, at)| (name.clone(), *at)).collect();
        for (name, last) in scaled {
            let Some(place) = self.states.place(&name) else {
                self.acting.scaled.remove(&name);
                continue;
            };
            // Composites can't scale.
            let Some(alarm) = self.catalogue.metric_alarms.get(place) else { continue };
            let state = self.states.at(place);
            let actions = &alarm.spec.actions;
            if !actions.enabled || at - last < alarm.spec.period || self.mute(&name, at).is_some() {
                continue;
            }
            let again: Vec<String> = actions.of(state).iter().filter(|action| is_scaling(action)).cloned().collect();
            if !again.is_empty() {
                self.acting.scaled.insert(name, at);
                out.push(self.states.transition(place, state, at, ActionOutcome::Fired(again)));
            }
        }
    }
}
